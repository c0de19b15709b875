import { isIPv6 } from 'node:net';
import { isObject } from '../protocol/json-rpc.js';
import { principalKey } from './principal-key.js';
import type { Principal } from '../registry/principal.js';

/**
 * Key of the caller whose share of a common limit a request uses up: its principal, else the address it comes from, which
 * is the platform's `ip` where there is one, as the application may trust a proxy.
 */
export function callerKey({
  principal,
  http,
}: {
  readonly principal: Principal | undefined;
  readonly http?: { readonly request: unknown } | undefined;
}): string {
  return principalKey(principal) ?? `address:${addressOf(http?.request)}`;
}

function addressOf(request: unknown): string {
  if (!isObject(request)) return '';
  const { ip, socket } = request;
  const address = ip ?? (isObject(socket) ? socket['remoteAddress'] : undefined);
  return typeof address === 'string' ? networkOf(address) : '';
}

/** Of IPv6 the first 64 bits: the rest is for the owner of a network to choose. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':');
}
