import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Instance } from './instance.js';
import type { Instances } from './instances.js';

/**
 * Sends each request to the next instance and passes the answer on as it comes. The header `x-instance` says which one
 * it was. `/platform` is for the client of this sample: the instances, `…/kill/1` and `…/deploy`.
 */
export function createLoadBalancer(instances: Instances): Server {
  return createServer((incoming, outgoing) => {
    const [, prefix, command, number] = (incoming.url ?? '').split('/');
    if (prefix === 'platform') {
      void manage(instances, command, Number(number)).then(
        () => outgoing.end(JSON.stringify(instances.numbers)),
        (error: unknown) => outgoing.writeHead(500).end(String(error)),
      );
      return;
    }
    const instance = instances.next();
    if (instance) pass(incoming, outgoing, instance);
    else outgoing.writeHead(503, { 'retry-after': '1' }).end();
  });
}

async function manage(instances: Instances, command: string | undefined, number: number): Promise<void> {
  if (command === 'kill') await instances.kill(number);
  if (command === 'deploy') await instances.deploy();
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, { url, number }: Instance): void {
  const { method, headers, url: path = '/' } = incoming;
  const onward = request(new URL(path, url), { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'x-instance': number });
    // The headers of a stream are not to wait for its first event.
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.once('error', () => outgoing.destroy());
  });
  onward.once('error', () => {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502).end();
  });
  outgoing.once('close', () => onward.destroy());
  incoming.pipe(onward);
}
