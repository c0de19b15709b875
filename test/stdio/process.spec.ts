import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from '@jest/globals';
import { until } from '../e2e/sessions/fixture.js';
import { compiledProgram } from '../multi-instance/bed/compiled.js';

let child: ChildProcessWithoutNullStreams | undefined;
afterEach(() => void child?.kill('SIGKILL'));

/** A noisy server in a process of its own, which has answered already. */
async function start() {
  const made = spawn(process.execPath, [await compiledProgram('test/stdio/programs/main')]);
  child = made;
  const texts = { out: '', err: '' };
  made.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text));
  made.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text));
  const exited = once(made, 'exit');
  made.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  await until(() => texts.out.includes('\n'));
  return { child: made, exited, texts };
}

it('ends by itself, and well, when its input does', async () => {
  const { child: server, exited, texts } = await start();
  server.stdin.end('{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"cancelled"}}\n');
  expect(await exited).toEqual([0, null]);
  const lines = texts.out.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).id)).toEqual([1, 2]);
  expect(texts.err).toContain('console.log of the shutdown');
});

it('closes the application on SIGTERM', async () => {
  const { child: server, exited, texts } = await start();
  server.kill('SIGTERM');
  expect(await exited).toEqual([null, 'SIGTERM']);
  expect(texts.out.trimEnd().split('\n')).toHaveLength(1);
  expect(texts.err).toContain('console.log of the shutdown');
});

it('ends when nobody reads it any more', async () => {
  const { child: server, exited, texts } = await start();
  server.stdout.destroy();
  server.stdin.write('{"jsonrpc":"2.0","id":2,"method":"ping"}\n');
  expect(await exited).toEqual([0, null]);
  expect(texts.err).toContain('console.log of the shutdown');
  expect(texts.err).not.toContain('EPIPE');
});

it('answers megabytes through the pipe in whole lines', async () => {
  const { child: server, exited, texts } = await start();
  const count = 200;
  for (let id = 2; id < count; id++) {
    server.stdin.write(`{"jsonrpc":"2.0","id":${id},"method":"tools/list"}\n`);
  }
  const uri = `note://${'x'.repeat(100_000)}`;
  server.stdin.end(`{"jsonrpc":"2.0","id":${count},"method":"resources/read","params":{"uri":"${uri}"}}\n`);
  expect(await exited).toEqual([0, null]);
  const lines = texts.out.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).id).sort((a, b) => a - b)).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
});
