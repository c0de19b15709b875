import { afterEach, describe, expect, it } from '@jest/globals';
import { closePipes, modern, startPipe, type RunningPipe } from './support.js';

afterEach(closePipes);

const LIMIT = 4096;

/** Whatever came before, the next request is answered. */
async function expectAlive(pipe: RunningPipe): Promise<void> {
  const { result } = await pipe.request('alive', 'tools/call', { name: 'echo', arguments: { a: 1 } });
  expect(result.content).toEqual([{ type: 'text', text: '{"a":1}' }]);
}

const CASES: readonly (readonly [string, string | Uint8Array, number, (string | number | null)?])[] = [
  ['text', 'hello\n', -32700],
  ['half of a message', '{"jsonrpc":"2.0","id":1,\n', -32700],
  ['two messages on a line', '{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0"}\n', -32700],
  ['binary', new Uint8Array([0, 1, 2, 0xff, 0xfe, 0x80, 0x0a]), -32700],
  ['broken UTF-8 in a string', Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff"}\n', 'latin1'), -32700],
  ['a NUL', '\0\n', -32700],
  ['a number', '5\n', -32600],
  ['null', 'null\n', -32600],
  ['an object of something else', '{"id":7}\n', -32600, 7],
  ['another version of JSON-RPC', '{"jsonrpc":"1.0","id":7,"method":"ping"}\n', -32600, 7],
  ['parameters that are a list', '{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}\n', -32600, 7],
  ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}\n', -32600],
  ['an empty batch', '[]\n', -32600],
  ['a line that is too long', `{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(LIMIT)}"}\n`, -32600],
  ['a string of that length without end', `"${'x'.repeat(LIMIT * 3)}\n`, -32600],
  ['a message that is nested too deep', `${'['.repeat(300)}${']'.repeat(300)}\n`, -32600],
  ['an unknown method', '{"jsonrpc":"2.0","id":7,"method":"nothing"}\n', -32601, 7],
  [
    'an unknown revision',
    '{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"1999-01-01"}}}\n',
    -32022,
    7,
  ],
  [
    'a modern request without capabilities',
    '{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}\n',
    -32602,
    7,
  ],
];

describe.each(['at once', 'byte by byte'])('input that comes %s', (how) => {
  it.each(CASES)('answers %s with an error, and goes on', async (_, bytes, code, id = null) => {
    const pipe = await startPipe({ mcp: { limits: { bodyBytes: LIMIT } } });
    const all = Buffer.from(bytes as string);
    if (how === 'at once') pipe.write(all);
    else for (const byte of all) pipe.write(Uint8Array.of(byte));
    const answer = await pipe.next();
    expect(answer).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
    await expectAlive(pipe);
    expect(pipe.messages).toHaveLength(2);
  });

  it.each([
    ['empty lines', '\n\r\n \t\n'],
    ['a notification of something unknown', '{"jsonrpc":"2.0","method":"notifications/what"}\n'],
    ['a broken notification', '{"jsonrpc":"2.0","method":"notifications/what","params":[]}\n'],
    ['an answer that nobody waits for', '{"jsonrpc":"2.0","id":9,"result":{}}\n'],
    ['an error that belongs to nothing', '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}\n'],
    ['a broken answer', '{"jsonrpc":"2.0","id":9,"result":5}\n'],
    [
      'a cancellation of nothing',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3}}\n',
    ],
    ['a cancellation without an id', '{"jsonrpc":"2.0","method":"notifications/cancelled"}\n'],
  ])('says nothing to %s', async (_, text) => {
    const pipe = await startPipe();
    if (how === 'at once') pipe.write(text);
    else for (const byte of Buffer.from(text)) pipe.write(Uint8Array.of(byte));
    await expectAlive(pipe);
    expect(pipe.messages).toHaveLength(1);
  });
});

it('takes lines that end like those of Windows, and a byte order mark', async () => {
  const pipe = await startPipe();
  pipe.write('\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}\r\n');
  expect(await pipe.next()).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
});

it('takes a last line without an end', async () => {
  const pipe = await startPipe();
  pipe.input.end('{"jsonrpc":"2.0","id":1,"method":"ping"}');
  await pipe.closed;
  expect(pipe.messages).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
});

it('keeps characters whole that come in pieces', async () => {
  const pipe = await startPipe();
  const args = { text: 'šů€😀\u2028\u0085\n' };
  const line = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'echo', arguments: args },
  });
  for (const byte of Buffer.from(`${line}\n`)) pipe.write(Uint8Array.of(byte));
  const { result } = await pipe.answer(1);
  expect(JSON.parse(result.content[0].text)).toEqual(args);
});

it('reports a line without end once, and holds nothing of it', async () => {
  const pipe = await startPipe({ mcp: { limits: { bodyBytes: LIMIT } } });
  for (let count = 0; count < 1000; count++) pipe.write('x'.repeat(LIMIT));
  expect(await pipe.next()).toMatchObject({ id: null, error: { code: -32600 } });
  pipe.write('\n');
  await expectAlive(pipe);
  expect(pipe.messages).toHaveLength(2);
});

it('does not answer a repeated id under that id', async () => {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const pipe = await startPipe({
    tools: {
      wait: async () => {
        await opened;
        return 'waited';
      },
    },
  });
  pipe.send({ id: 1, method: 'tools/call', params: { name: 'wait' } });
  pipe.send({ id: 1, method: 'tools/call', params: modern({ name: 'wait' }) });
  pipe.send({ id: '1', method: 'ping' });
  expect(await pipe.next()).toMatchObject({ id: null, error: { code: -32600 } });
  expect(await pipe.next()).toEqual({ jsonrpc: '2.0', id: '1', result: {} });
  open();
  expect(await pipe.next()).toMatchObject({ id: 1, result: { content: [{ text: 'waited' }] } });
});

it('runs a bounded number of handlers, cancelled or not', async () => {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const pipe = await startPipe({ tools: { wait: () => opened } });
  for (let id = 0; id < 1000; id++) {
    pipe.send({ id, method: 'tools/call', params: { name: 'wait' } });
    pipe.send({ method: 'notifications/cancelled', params: { requestId: id } });
  }
  pipe.send({ id: 'more', method: 'ping' });
  expect(await pipe.next()).toMatchObject({ id: 'more', error: { code: -32603 } });
  open();
  await expectAlive(pipe);
});

it('names its revisions to a client that it cannot serve', async () => {
  const pipe = await startPipe({ mcp: { protocolVersions: ['2026-07-28'] } });
  const { error } = await pipe.initialize('2025-11-25');
  expect(error).toMatchObject({ code: -32022, data: { supported: ['2026-07-28'] } });
});
