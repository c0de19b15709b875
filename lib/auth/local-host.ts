/** Names that only mean something on this machine or in a network of one's own, and addresses of such networks. */
const LOCAL_NAME = /^(?:[^.:]+|.+\.(?:localhost|local|internal|svc|test))$/i;
const LOCAL_ADDRESS = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]+$|^\[(?:::1|f[cd].*)\]$/i;

/** Checks whether plain HTTP to a host stays inside the network of the server's operator. */
export function isLocalHost(hostname: string): boolean {
  return LOCAL_NAME.test(hostname) || LOCAL_ADDRESS.test(hostname);
}
