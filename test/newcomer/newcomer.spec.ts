import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeTemporaryFolder, packTarball, root } from '../package/support.js';
import { installIn } from '../support/install.js';
import { freePort } from '../support/redis.js';
import { environment } from '../samples/support.js';

/** Steps of a newcomer who has the README and nothing else: `nest new` of NestJS 12, on the Node.js that it asks for. */
const here = import.meta.dirname;
const node24 = join(root, 'test/node-versions/node_modules/node-24/bin');

let folder: string;
let app: string;

beforeAll(async () => {
  await Promise.all([installIn(here), installIn(join(root, 'test/node-versions'))]);
  folder = await makeTemporaryFolder();
  app = join(folder, 'fresh');
  const cli = join(here, 'node_modules/@nestjs/cli/bin/nest.js');
  await run(folder, 'node', [cli, 'new', 'fresh', '--package-manager', 'npm', '--skip-git']);
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it('the README leads from a fresh application to a tool that answers', async () => {
  const readme = read('README.md');
  const [install = ''] = /^npm install nestjs-mcp-adapters .*$/m.exec(readme) ?? [];
  const tarball = await packTarball(folder);
  const packages = install.split(' ').slice(2);
  await run(app, 'npm', [
    'install',
    ...packages.map((name) => (name === 'nestjs-mcp-adapters' ? tarball : name)),
    '--no-audit',
    '--no-fund',
  ]);
  const [, module = ''] = /```ts\n([^]*?)```/.exec(readme) ?? [];
  writeFileSync(join(app, 'src/app.module.ts'), module);
  for (const file of ['app.controller.ts', 'app.controller.spec.ts', 'app.service.ts']) {
    if (existsSync(join(app, 'src', file))) rmSync(join(app, 'src', file));
  }
  await run(app, 'npm', ['run', 'build']);
  await run(app, 'npm', ['run', 'lint']);

  const port = await freePort();
  const server = spawn(join(node24, 'node'), ['dist/main'], {
    cwd: app,
    env: { ...environment(), PORT: String(port) },
    stdio: 'ignore',
  });
  const ended = once(server, 'exit');
  try {
    while (!(await fetch(`http://localhost:${port}/mcp`).catch(() => undefined))) {
      if (server.exitCode !== null) throw new Error('The application has ended');
      await delay(50);
    }
    const [, curl = ''] = /```sh\n(curl [^]*?)```/.exec(readme) ?? [];
    const answer = await run(app, 'sh', ['-c', curl.replace(':3000', `:${port}`)]);
    expect(answer).toMatch(/"content":\[\{"type":"text","text":"\d\d\/\d\d\/\d{4}, /);
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
}, 300_000);

it('the test for Vitest passes in that application', async () => {
  const [, test = ''] =
    Array.from(read('sample/testing.md').matchAll(/```ts\n([^]*?)```/g)).find(([, code]) =>
      code?.includes("from 'vitest'"),
    ) ?? [];
  writeFileSync(join(app, 'src/app.module.spec.ts'), test);
  expect(await run(app, 'npm', ['test'])).toMatch(/1 passed/);
}, 120_000);

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Runs a program on Node.js 24; throws with what it wrote if it did not succeed. */
async function run(cwd: string, command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: { ...environment(), PATH: node24 + delimiter + process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 280_000,
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${output}`);
  return output;
}
