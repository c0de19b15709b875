import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { InMemorySessionAdapter } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern, send } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { startTransport, type TransportApp } from '../transport/fixture.js';

const JSON_TYPE = 'Content-Type: application/json';

/** Sends bytes, reads until the server closes the connection. */
function exchange(url: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let received = '';
    socket.on('data', (bytes) => (received += bytes.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
    socket.write(Buffer.from(text, 'latin1'));
  });
}

const statusesOf = (received: string) =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

function request(headers: readonly string[], body: string): string {
  return ['POST /mcp HTTP/1.1', 'Host: localhost', JSON_TYPE, ...headers, '', body].join('\r\n');
}

const CALL = JSON.stringify(legacy('tools/call', { name: 'echo', arguments: {} }, 1));
/** A whole request that hides in the body of another. */
const HIDDEN = request([`Content-Length: ${CALL.length}`, 'Connection: close'], CALL);
const CHUNKED_PING = (() => {
  const ping = JSON.stringify(legacy('ping', {}, 1));
  return `${ping.length.toString(16)}\r\n${ping}\r\n0\r\n\r\n`;
})();

describe.each(PLATFORMS)('a request with two meanings on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform);
  });
  afterAll(() => app.close());
  beforeEach(() => {
    app.tools.calls.length = 0;
  });

  it.each([
    ['a length and chunks', ['Content-Length: 4', 'Transfer-Encoding: chunked'], CHUNKED_PING],
    [
      'chunks and a length',
      ['Transfer-Encoding: chunked', `Content-Length: ${CHUNKED_PING.length}`],
      CHUNKED_PING,
    ],
    ['two lengths', ['Content-Length: 2', `Content-Length: ${HIDDEN.length + 2}`], '{}'],
    ['two lengths in one', ['Content-Length: 2, 300'], '{}'],
    ['the same length twice', ['Content-Length: 2', 'Content-Length: 2'], '{}'],
    ['a length with a sign', ['Content-Length: +2'], '{}'],
    ['a negative length', ['Content-Length: -2'], '{}'],
    ['a length in other digits', ['Content-Length: 0x2'], '{}'],
    ['a length no number can hold', ['Content-Length: 99999999999999999999'], '{}'],
    ['an encoding that only looks like chunks', ['Transfer-Encoding: xchunked'], CHUNKED_PING],
    ['chunks that are not the last encoding', ['Transfer-Encoding: chunked, gzip'], CHUNKED_PING],
    ['chunks twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], CHUNKED_PING],
    ['a space before the colon', ['Transfer-Encoding : chunked', 'Content-Length: 2'], '{}'],
    ['a header that is folded', ['X: a', ' Transfer-Encoding: chunked', 'Content-Length: 2'], '{}'],
    ['a size of a chunk that is none', ['Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'],
    [
      'a size of a chunk that overflows',
      ['Transfer-Encoding: chunked'],
      'fffffffffffffffff\r\n{}\r\n0\r\n\r\n',
    ],
    ['lines that end with LF alone', ['X: y\nTransfer-Encoding: chunked', 'Content-Length: 2'], '{}'],
    ['a NUL in a header', ['X: a\0b', 'Content-Length: 2'], '{}'],
  ])('is refused, and what hides in it is not served: %s', async (_, headers, body) => {
    const received = await exchange(app.url, request(headers, body) + HIDDEN);
    expect(statusesOf(received)).toEqual([400]);
    expect(app.tools.calls).toEqual([]);
    expect(received).not.toMatch(/\bat .*:\d+:\d+|node:|SECRET/);
  });

  it('is one for its length, and what follows is another', async () => {
    const body = JSON.stringify(legacy('ping', {}, 1));
    const received = await exchange(app.url, request([`Content-Length: ${body.length}`], body) + HIDDEN);
    expect(statusesOf(received)).toEqual([200, 200]);
    expect(app.tools.calls).toEqual(['echo']);
  });

  it('is not made of the rest of a body that was refused', async () => {
    for (const length of [`Content-Length: ${5 * 1024 * 1024}`, 'Transfer-Encoding: chunked']) {
      const headers = [length, 'Content-Encoding: gzip'];
      const received = await exchange(app.url, request(headers, HIDDEN));
      expect(statusesOf(received).length).toBe(1);
      expect(app.tools.calls).toEqual([]);
    }
  });

  it('does not come of headers that are too large', async () => {
    const large = 'x'.repeat(20_000);
    for (const header of [
      `X: ${large}`,
      `${large}: x`,
      `Mcp-Session-Id: ${large}`,
      `Last-Event-ID: ${large}`,
    ]) {
      const received = await exchange(app.url, request([header, 'Content-Length: 2'], '{}'));
      expect(statusesOf(received)).toEqual([431]);
    }
    const many = Array.from({ length: 3000 }, (_, at) => `a${at}: 1`);
    expect(statusesOf(await exchange(app.url, request([...many, 'Content-Length: 2'], '{}')))).toEqual([431]);
    expect((await app.post(legacy('ping'))).status).toBe(200);
  });
});

describe.each(PLATFORMS)('a header that comes twice on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, { sessionAdapter: new InMemorySessionAdapter() });
  });
  afterAll(() => app.close());

  /** A list of headers is sent as it is, without a Host of its own. */
  const BASE = ['host', 'localhost', 'content-type', 'application/json'];
  const flat = (headers: Record<string, string>) => Object.entries(headers).flat();

  it('names no session, even if both are one', async () => {
    const one = await SessionClient.open(app);
    const two = await SessionClient.open(app);
    for (const ids of [
      [one.id, two.id],
      [one.id, one.id],
      [one.id, ''],
      ['', one.id],
    ]) {
      const headers = [...BASE, ...ids.flatMap((id) => ['mcp-session-id', id])];
      const answer = await send(app.url, { headers, body: JSON.stringify(legacy('ping')) });
      expect(answer.status).toBe(404);
      expect((await send(app.url, { method: 'DELETE', headers })).status).toBe(404);
    }
    expect((await one.request('ping')).status).toBe(200);
  });

  it.each(['mcp-protocol-version', 'mcp-method', 'mcp-name'])(
    'is not what the body says: %s',
    async (name) => {
      const [body, headers] = modern('tools/call', { name: 'echo', arguments: {} });
      const value = headers[name] ?? '';
      for (const second of [value, 'other', '']) {
        const answer = await send(app.url, {
          headers: [...BASE, ...flat(headers), name, second],
          body: JSON.stringify(body),
        });
        expect(answer.status).toBe(400);
        expect(answer.json.error.code).toBeLessThanOrEqual(-32020);
      }
      expect(app.tools.calls).toEqual([]);
    },
  );

  it('resumes nothing', async () => {
    const client = await SessionClient.open(app);
    const stream = client.listen();
    await stream.until(() => stream.lastEventId !== undefined);
    stream.cut();
    const id = String(stream.lastEventId);
    const headers = [
      ...BASE.slice(0, 2),
      ...flat({ ...client.headers }),
      'last-event-id',
      id,
      'last-event-id',
      id,
    ];
    expect((await send(app.url, { method: 'GET', headers })).status).toBe(400);
  });

  it('counts once where HTTP says so: the first Host, and none of the Origins', async () => {
    const body = JSON.stringify(legacy('ping'));
    const headers = BASE;
    const origins = ['origin', 'http://localhost', 'origin', 'https://evil.example'];
    expect((await send(app.url, { headers: [...headers, ...origins], body })).status).toBe(403);
    expect(
      (await send(app.url, { headers: [...headers, ...origins.slice(2), ...origins], body })).status,
    ).toBe(403);
  });
});

describe.each(PLATFORMS)('a value that would end a header on %s', (platform) => {
  it('reaches no head of an answer', async () => {
    const app = await startTransport(platform, { sessionAdapter: new InMemorySessionAdapter() });
    const evil = 'x\r\nSet-Cookie: a=b\r\n\r\n<html>';
    const client = await SessionClient.open(app);
    const answers = [
      await app.post(legacy('tools/call', { name: evil, arguments: {} }, evil)),
      await app.post(legacy(evil, {}, evil)),
      await app.post(legacy('resources/read', { uri: evil }, evil)),
      await app.post(
        legacy(
          'initialize',
          { protocolVersion: evil, capabilities: {}, clientInfo: { name: evil, version: evil } },
          evil,
        ),
      ),
      await app.post(...modern('tools/call', { name: 'echo', arguments: { evil } }, { id: evil })),
      await client.call('echo', { evil }, { id: evil, progressToken: evil }),
      await send(`${app.url}?a=${encodeURIComponent(evil)}`, {
        method: 'PUT',
        headers: { ...client.headers },
      }),
    ];
    for (const { headers, status } of answers) {
      expect(headers.get('set-cookie')).toBeNull();
      expect(status).toBeLessThan(500);
    }
    await app.close();
  });
});
