import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installIn } from '../support/install.js';

const root = join(import.meta.dirname, '../..');
const inspector = join(
  import.meta.dirname,
  'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
);
const SERVER = [
  ...[process.execPath, '--import', join(root, 'test/multi-instance/typescript.mjs')],
  join(root, 'test/stdio/programs/main.ts'),
];
let folder: string;

beforeAll(async () => {
  await installIn(import.meta.dirname);
  folder = await mkdtemp(join(tmpdir(), 'inspector-'));
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs one method of the noisy server by the command line of the Inspector. */
async function inspect(era: string, ...args: string[]): Promise<any> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [inspector, '--cli', '--protocol-era', era, ...args, '--', ...SERVER],
    { cwd: root, env: { ...process.env, MCP_STORAGE_DIR: folder } },
  );
  return JSON.parse(stdout);
}

describe.each(['legacy', 'modern'])('the command line of the Inspector over stdio, %s', (era) => {
  it('lists, calls and reads', async () => {
    const { tools } = await inspect(era, '--method', 'tools/list');
    expect(tools.map(({ name }: { name: string }) => name)).toContain('count');
    const { content } = await inspect(era, '--method', 'tools/call', '--tool-name', 'cancelled');
    expect(content).toEqual([{ type: 'text', text: '0' }]);
    const { contents } = await inspect(era, '--method', 'resources/read', '--uri', 'note://one');
    expect(contents[0].text).toBe('a note');
  }, 120_000);
});
