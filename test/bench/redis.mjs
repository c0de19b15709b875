import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import { cores, start } from './processes.mjs';

/** Starts a Redis of our own that keeps nothing on disk, beside the load; ends with the run. */
export async function startRedis() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    tmpdir(),
  ];
  const server = await start('redis-server', args, {
    core: cores?.load,
    until: /Ready to accept connections/,
  });
  return { ...server, url: `redis://127.0.0.1:${port}` };
}
