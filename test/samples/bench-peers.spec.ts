import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createPoster, legacy } from '../support/http.js';
import { environment, root, START_TIMEOUT_MS, startProgram } from './support.js';

const INSTALL_LIMIT_MS = 300_000;

/** How each is asked for what it answers without a session, as the benchmark does. */
const PEERS = [
  { peer: 'mcp-lite', args: [], accept: 'application/json' },
  { peer: 'sdk-v1', args: ['--json'], accept: 'application/json, text/event-stream' },
  { peer: 'sdk-v2', args: [], accept: 'application/json, text/event-stream' },
  { peer: 'mcp-nest', args: ['--json'], accept: 'application/json, text/event-stream' },
  {
    peer: 'mcp-nest',
    args: ['--json', '--platform', 'fastify'],
    accept: 'application/json, text/event-stream',
  },
];

describe('what the benchmark compares with', () => {
  beforeAll(() => {
    const script = "import('./test/bench/peers/install.mjs').then(({ installPeers }) => installPeers())";
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], {
      cwd: root,
      env: environment(),
      encoding: 'utf8',
    });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  }, INSTALL_LIMIT_MS);

  it.each(PEERS)(
    '$peer $args offers the same tools, and echoes',
    async ({ peer, args, accept }) => {
      const server = await startProgram([`test/bench/peers/${peer}.mjs`, '--tools', '10', ...args]);
      try {
        const post = createPoster(server.url);
        const headers = { accept, 'mcp-protocol-version': '2025-06-18' };
        const echo = legacy('tools/call', { name: 'echo', arguments: { text: 'hello' } });
        expect((await post(echo, headers)).json.result.content).toEqual([{ type: 'text', text: 'hello' }]);
        const { tools } = (await post(legacy('tools/list'), headers)).json.result;
        const names = tools.map(({ name }: { name: string }) => name);
        expect(names.sort()).toEqual(
          ['echo', 'progress', 'ask', ...Array.from({ length: 7 }, (_, index) => `tool_${index + 1}`)].sort(),
        );
      } finally {
        await server.stop('SIGKILL');
      }
    },
    START_TIMEOUT_MS,
  );
});

it('the benchmark names its workloads and servers, and knows no others', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['test/bench/run.mjs', ...args], {
      cwd: root,
      env: environment(),
      encoding: 'utf8',
    });
  const { stdout } = run('--list');
  expect(stdout).toMatch(/^Workloads: .*\becho\b.*\bmemory\b/);
  expect(stdout).toMatch(/^Servers: .*\bfastify-direct\b.*\bmcp-lite\b/m);
  const wrong = run('--only', 'ehco');
  expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('no workload "ehco"')]);
});
