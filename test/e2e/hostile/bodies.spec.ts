import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connect } from 'node:net';
import type { McpModuleOptions } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { legacy, send } from '../../support/http.js';
import { startTransport, type TransportApp } from '../transport/fixture.js';
import { exchangeRaw } from '../transport/raw-socket.js';
import { Connection } from './fuzz/connection.js';

const MIB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const PING = JSON.stringify(legacy('ping', {}, 1));

/** An unlikely number, by which a timer is known. */
const TIMEOUT_MS = 437;

const SETUPS = PLATFORMS.flatMap((platform) =>
  (['route', 'direct'] as const).map((mount) => ({ platform, mount, title: `${platform}, mount: ${mount}` })),
);

function head(length: number): string {
  return `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
}

function echo(args: string): string {
  return JSON.stringify(legacy('tools/call', { name: 'echo', arguments: 0 }, 1)).replace('0}', `${args}}`);
}

describe.each(SETUPS)('bodies on $title', ({ platform, mount }) => {
  let app: TransportApp;
  let hasty: TransportApp;
  beforeAll(async () => {
    const start = (options: McpModuleOptions) =>
      startTransport(platform, { ...options, mount }, { wire: false });
    app = await start({});
    hasty = await start({ requestTimeoutMs: TIMEOUT_MS });
  });
  afterAll(() => Promise.all([app.close(), hasty.close()]));

  const post = (body: string | readonly string[]) => send(app.url, { headers: JSON_TYPE, body });

  it.each([
    ['with a length', `${head(PING.length)}{"json`],
    ['in chunks', `${head(0).replace('Content-Length: 0', 'Transfer-Encoding: chunked')}6\r\n{"json\r\n`],
    ['of which nothing comes', head(PING.length)],
  ])('that do not arrive in time are answered 408, and the connection closes: %s', async (_, begun) => {
    const answer = await exchangeRaw(hasty.url, { head: begun, body: '' });
    expect(answer.status).toBe(408);
    expect(answer.type).toMatch(/^application\/json/);
    expect(JSON.parse(answer.text)).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32600, message: `The body must arrive within ${TIMEOUT_MS} ms` },
    });
  });

  it('that arrive byte by byte are no exception', async () => {
    const socket = connect(Number(new URL(hasty.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString()));
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(head(1000));
    const trickle = setInterval(() => socket.write(' '), 20);
    await closed;
    clearInterval(trickle);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('that arrive late, but in time, are served', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write(`${head(PING.length)}${PING.slice(0, 10)}`);
    await new Promise((resolve) => setImmediate(resolve));
    socket.write(PING.slice(10));
    const text = await new Promise<string>((resolve) =>
      socket.once('data', (bytes) => resolve(bytes.toString())),
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('that come with the head need no timer', async () => {
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const connection = new Connection(Number(new URL(hasty.url).port));
    try {
      const limited = () => timers.mock.calls.filter(([, delay]) => delay === TIMEOUT_MS).length;
      for (let count = 0; count < 20; count++) {
        const exchange = connection.send({ method: 'POST', headers: Object.entries(JSON_TYPE), body: PING });
        expect((await exchange.over).status).toBe(200);
      }
      expect(limited()).toBe(0);
      await exchangeRaw(hasty.url, { head: head(PING.length), body: '' });
      expect(limited()).toBe(1);
    } finally {
      timers.mockRestore();
      connection.cut();
    }
  });

  it.each([
    ['brackets that open', '['.repeat(4 * MIB)],
    ['brackets that open and close', '['.repeat(2 * MIB) + ']'.repeat(2 * MIB)],
    ['objects that open', '{"":'.repeat(MIB)],
    ['lists in a list', `[${'[],'.repeat(MIB)}0]`],
    ['objects in a list', `[${'{},'.repeat(MIB)}0]`],
    ['keys', `{${'"":0,'.repeat((4 * MIB) / 5 - 2)}"":0}`],
    [
      'arguments that are keys',
      echo(`{${Array.from({ length: 100_001 }, (_, key) => `"${key}":0`).join()}}`),
    ],
    ['arguments nested 257 levels deep', echo(`${'{"":'.repeat(255)}0${'}'.repeat(255)}`)],
  ])('of %s are refused before they are parsed', async (_, body) => {
    const parse = jest.spyOn(JSON, 'parse');
    try {
      for (const sent of [body, [body.slice(0, 1000), body.slice(1000)]]) {
        const answer = await send(app.url, { headers: JSON_TYPE, body: sent });
        expect(answer.status).toBe(400);
        expect(answer.json).toMatchObject({ id: null, error: { code: -32600 } });
        expect(answer.json.error.message).toMatch(
          /^The body may (?:be nested 256 levels deep|hold 100000 arrays)/,
        );
      }
      expect(parse.mock.calls.every(([text]) => text.length < 1000)).toBe(true);
    } finally {
      parse.mockRestore();
    }
  });

  it.each([
    ['brackets in a string', JSON.stringify({ text: '[{'.repeat(100_000) })],
    ['quotes and backslashes in a string', JSON.stringify({ text: '"\\['.repeat(50_000) })],
    ['numbers in a list', JSON.stringify({ list: Array.from({ length: 200_000 }, (_, at) => at) })],
    ['keys', JSON.stringify(Object.fromEntries(Array.from({ length: 90_000 }, (_, at) => [at, 0])))],
    ['levels', `${'{"":'.repeat(250)}0${'}'.repeat(250)}`],
  ])('may hold many %s', async (_, args) => {
    const answer = await post(echo(args));
    expect(answer.status).toBe(200);
    expect(answer.json.result.content[0].text).toBe(JSON.stringify(JSON.parse(args)));
  });
});
