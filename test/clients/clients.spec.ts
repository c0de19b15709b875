import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { toolsOf } from '../e2e/sessions/fixture.js';
import { startApp, type TestApp } from '../support/app.js';
import { installIn } from '../support/install.js';
import { startRedis, type RedisServer } from '../support/redis.js';

interface Seen {
  readonly revision: string | undefined;
  readonly tools: readonly string[];
  readonly text: string;
  readonly progress?: readonly number[];
}

interface Client {
  readonly client: string;
  readonly package: string;
  /** Revision it uses, where it may choose. */
  readonly revision: string;
  readonly tellsProgress: boolean;
  /** Under which name it is installed, beside another version of the same package. */
  readonly alias?: string;
  /** Which of the binaries in `test/node-versions` runs it, where the oldest supported Node.js does not. */
  readonly node?: string;
}

const CLIENTS: readonly Client[] = [
  {
    client: 'official-v1',
    package: '@modelcontextprotocol/sdk',
    revision: '2025-11-25',
    tellsProgress: true,
  },
  {
    client: 'official-v2',
    package: '@modelcontextprotocol/client',
    revision: '2026-07-28',
    tellsProgress: true,
  },
  { client: 'ai-sdk', package: '@ai-sdk/mcp', revision: '2025-11-25', tellsProgress: false },
  {
    client: 'ai-sdk-2',
    package: '@ai-sdk/mcp',
    alias: 'ai-sdk-mcp-2',
    node: 'node-24',
    revision: '2026-07-28',
    tellsProgress: false,
  },
  { client: 'langchain', package: '@langchain/mcp-adapters', revision: '2025-11-25', tellsProgress: true },
  { client: 'mcporter', package: 'mcporter', node: 'node-24', revision: '2025-11-25', tellsProgress: false },
  { client: 'mcp-remote', package: 'mcp-remote', revision: '2025-11-25', tellsProgress: true },
];

const run = promisify(execFile);
const OLDER = ['2025-03-26', '2025-06-18', '2025-11-25'] as const;
const SET_UPS = ['stateless', 'in memory', 'Redis', 'of older revisions only'] as const;
const NODES = join(import.meta.dirname, '../node-versions');

let redis: RedisServer;
const servers: TestApp[] = [];

beforeAll(async () => {
  [redis] = await Promise.all([startRedis(), installIn(import.meta.dirname), installIn(NODES)]);
  const options: McpModuleOptions[] = [
    {},
    {
      sessionAdapter: new InMemorySessionAdapter(),
      clientRequestAdapter: new InMemoryClientRequestAdapter(),
    },
    {
      store: redisStore({ url: redis.url }),
      serverInfo: { name: 'test', version: '1.0.0' },
      requestStateSecret: 's'.repeat(32),
    },
    { sessionAdapter: new InMemorySessionAdapter(), protocolVersions: OLDER },
  ];
  for (const each of options) servers.push(await start(each));
}, 240_000);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await redis?.dispose();
});

function start(options: McpModuleOptions): Promise<TestApp> {
  return startApp({
    imports: [McpModule.forRoot(options)],
    providers: [
      toolsOf({
        count: async (ctx, { to }: { to: number }) => {
          for (let done = 1; done <= to; done++) await ctx.progress(done, to);
          return `counted to ${to}`;
        },
      }),
    ],
  });
}

async function use({ client, node }: Client): Promise<Seen[]> {
  const urls = servers.map(({ url }) => url);
  const program = node ? join(NODES, 'node_modules', node, 'bin/node') : process.execPath;
  const { stdout } = await run(program, ['run.mjs', client, ...urls], {
    cwd: import.meta.dirname,
    timeout: 120_000,
    env: { PATH: process.env['PATH'] },
  });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Seen);
}

describe.each(CLIENTS)('$client', (client) => {
  const { package: name, alias = name, revision, tellsProgress } = client;

  it('lists and calls a tool with progress on every server, in the newest revision that both know', async () => {
    const seen = await use(client);
    const expected = {
      revision,
      tools: ['count'],
      text: 'counted to 3',
      ...(tellsProgress && { progress: [1, 2, 3] }),
    };
    expect(Object.fromEntries(SET_UPS.map((setUp, index) => [setUp, seen[index]]))).toEqual({
      ...Object.fromEntries(SET_UPS.map((setUp) => [setUp, expected])),
      'of older revisions only': { ...expected, revision: '2025-11-25' },
    });
  }, 150_000);

  it('is in the table of REFERENCE.md with the version that was tried', () => {
    const read = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8');
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const version = dependencies[alias]?.split('@').at(-1);
    const row = new RegExp(`^\\| \`${name}\` +\\| ${version} +\\| ${revision} +\\|`, 'm');
    expect(row.test(read('../../REFERENCE.md'))).toBe(true);
  });
});
