import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port to listen on now and again later. Not one of those that the system gives to outgoing connections: one of them
 * could have it when a process comes back.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
