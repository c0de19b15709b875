import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { makeTemporaryFolder, packTarball, root, run } from '../package/support.js';
import { installIn } from '../support/install.js';
import { freePort } from '../support/redis.js';

const here = import.meta.dirname;
const recipe = (file: string) => join(here, 'recipe', file);

let folder: string;
let app: string;

beforeAll(async () => {
  await installIn(here);
  folder = await makeTemporaryFolder();
  app = join(folder, 'fresh');
  symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'));
  await generate(folder, 'application', '--name=fresh', '--directory=fresh');
}, 240_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Work of `nest new` and `nest generate`, without the rest of the CLI. */
function generate(cwd: string, schematic: string, ...options: string[]): Promise<string> {
  const schematics = join(here, 'node_modules/@angular-devkit/schematics-cli/bin/schematics.js');
  return run(
    process.execPath,
    [schematics, `@nestjs/schematics:${schematic}`, ...options, '--language=ts'],
    cwd,
  );
}

/** The commands of the recipe, a line each. */
function commands(): string[] {
  const [, section = ''] = readFileSync(join(root, 'sample/tools-and-results.md'), 'utf8').split(
    '## With the Nest CLI\n',
  );
  const [, block = ''] = /```sh\n(.*?)```/s.exec(section) ?? [];
  return block.trim().split('\n');
}

async function install(): Promise<void> {
  const library = join(app, 'node_modules', 'nestjs-mcp-adapters');
  mkdirSync(library, { recursive: true });
  const tarball = await packTarball(folder);
  await run('tar', ['-xzf', tarball, '-C', library, '--strip-components=1'], app);
}

it('the recipe of sample/tools-and-results.md gives a fresh application a first tool', async () => {
  for (const command of commands()) {
    if (command.startsWith('npm install nestjs-mcp-adapters ')) {
      await install();
      continue;
    }
    const [, schematic = '', name = '', options = ''] =
      /^npx nest generate (\w+) (\S+)(?: (.*))?$/.exec(command) ?? [];
    await generate(
      app,
      schematic,
      `--name=${name}`,
      '--source-root=src',
      ...options.split(' ').filter(Boolean),
    );
  }

  // The two changes by hand: the module into the imports, a method into the class that was generated.
  const appModule = join(app, 'src/app.module.ts');
  const generated = readFileSync(appModule, 'utf8');
  const written = readFileSync(recipe('app.module.ts'), 'utf8');
  const [line = ''] = /imports: .*/.exec(written) ?? [];
  const [imported = ''] = /import .* from 'nestjs-mcp-adapters';/.exec(written) ?? [];
  expect(generated).toContain('imports: [ClockModule],');
  writeFileSync(appModule, `${imported}\n${generated.replace('imports: [ClockModule],', line)}`);
  const tools = join(app, 'src/clock/clock.tools.ts');
  expect(readFileSync(tools, 'utf8')).toContain('export class ClockTools');
  copyFileSync(recipe('clock/clock.tools.ts'), tools);

  const tsc = join(here, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '--project', 'tsconfig.build.json', '--types', 'node'], app);
  expect(await callNow()).toMatch(/^\d{4}-\d\d-\d\dT/);
}, 120_000);

/** Starts what was built, as `npm run start:prod` does, and calls its tool. */
async function callNow(): Promise<string> {
  const port = await freePort();
  const { NODE_OPTIONS: _, ...env } = process.env;
  const server = spawn(process.execPath, ['dist/main'], {
    cwd: app,
    env: { ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(server, 'exit');
  const client = new Client({ name: 'test', version: '1.0.0' });
  try {
    const url = new URL(`http://127.0.0.1:${port}/mcp`);
    while (!(await fetch(url).catch(() => undefined))) {
      if (server.exitCode !== null) throw new Error('The application has ended');
      await delay(50);
    }
    await client.connect(new StreamableHTTPClientTransport(url));
    const { content } = (await client.callTool({ name: 'now' })) as { content: { text: string }[] };
    return content[0]?.text ?? '';
  } finally {
    await client.close();
    server.kill('SIGTERM');
    await ended;
  }
}
