import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, type CanActivate } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { legacy } from '../../support/http.js';
import { SETUPS, startTransport, type TransportApp } from '../transport/fixture.js';

const MIB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const TRIES = process.env['TEST_SCOPE'] === 'all' ? 20 : 4;

@Injectable()
class NobodyGuard implements CanActivate {
  canActivate = () => false;
}

/** The statuses and bodies of many tries, one after the other, or why there was none. */
async function tryOften(url: string, init: () => RequestInit, tries = TRIES): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (let count = 0; count < tries; count++) {
    try {
      const answer = await fetch(url, { method: 'POST', ...init() });
      const { error } = (await answer.json()) as { error?: { code: number } };
      seen.push(`${answer.status} ${error?.code}`);
    } catch (error) {
      seen.push(String((error as Error).cause ?? error));
    }
  }
  return [...new Set(seen)];
}

/** Sends in pieces, without a length. */
function chunked(bytes: number): RequestInit {
  let left = bytes;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left <= 0) return controller.close();
      controller.enqueue(Buffer.alloc(Math.min(left, 64 * 1024), 'x'));
      left -= 64 * 1024;
    },
  });
  return { body, duplex: 'half' };
}

describe.each(SETUPS)('refusals of bodies that still come, on $title', ({ platform, nest, mount }) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, { mount }, { nest, wire: false });
  });
  afterAll(() => app.close());

  it('are received by fetch: too large, announced or not', async () => {
    const text = 'x'.repeat(5 * MIB);
    expect(await tryOften(app.url, () => ({ headers: JSON_TYPE, body: text }))).toEqual(['413 -32600']);
    expect(await tryOften(app.url, () => ({ headers: JSON_TYPE, ...chunked(5 * MIB) }))).toEqual([
      '413 -32600',
    ]);
  });

  it('are received by fetch: a foreign type, an encoding, too many parts, not UTF-8', async () => {
    const text = 'x'.repeat(3 * MIB);
    const nested = '['.repeat(3 * MIB);
    const foreign = Buffer.alloc(3 * MIB, 0xff);
    expect(
      await tryOften(app.url, () => ({ headers: { 'content-type': 'text/plain' }, body: text })),
    ).toEqual(['415 -32600']);
    const encoded = { ...JSON_TYPE, 'content-encoding': 'br' };
    expect(await tryOften(app.url, () => ({ headers: encoded, body: text }))).toEqual(['415 -32600']);
    expect(await tryOften(app.url, () => ({ headers: JSON_TYPE, body: nested }))).toEqual(['400 -32600']);
    expect(await tryOften(app.url, () => ({ headers: JSON_TYPE, body: foreign }))).toEqual(['400 -32700']);
  });

  it('are received by fetch: a foreign origin', async () => {
    const headers = { ...JSON_TYPE, origin: 'https://evil.example' };
    const text = JSON.stringify(
      legacy('tools/call', { name: 'echo', arguments: { text: 'x'.repeat(3 * MIB) } }),
    );
    expect(await tryOften(app.url, () => ({ headers, body: text }))).toEqual(['403 -32600']);
  });

  it('come after the answers to earlier requests of the connection, pipelined or not', async () => {
    const ping = JSON.stringify(legacy('ping', undefined, 'first'));
    const head = (length: number) =>
      `POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
    for (const isPipelined of [true, false]) {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.on('error', () => {});
      let text = '';
      const answered = new Promise<void>((resolve) => {
        socket.on('data', (chunk) => {
          text += String(chunk);
          if (text.includes('"first"')) resolve();
        });
      });
      socket.write(head(ping.length) + ping);
      if (!isPipelined) await answered;
      socket.write(head(5 * MIB));
      socket.write('x'.repeat(5 * MIB));
      await closed;
      expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 413']);
      expect(text).toContain('"id":"first"');
    }
  });

  it('leave the connection to the next request where the body comes within bounds', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    const body = JSON.stringify(legacy('ping', undefined, 1));
    const post = (origin: string) =>
      `POST /mcp HTTP/1.1\r\nhost: localhost\r\norigin: ${origin}\r\ncontent-type: application/json\r\ncontent-length: ${MIB}\r\n\r\n${body.padEnd(MIB)}`;
    let text = '';
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        text += String(chunk);
        if (text.includes('"result"')) resolve();
      });
      socket.write(post('https://evil.example'));
      socket.write(post('http://localhost'));
    });
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 403', 'HTTP/1.1 200']);
    socket.destroy();
  });

  it('end the connection of a client that goes on for ever', async () => {
    const socket = connect({ port: Number(new URL(app.url).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    let sent = 0;
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.write(
      `POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${2 ** 40}\r\n\r\n`,
    );
    const piece = Buffer.alloc(MIB);
    const go = () => {
      if (socket.destroyed || socket.writableEnded) return;
      sent += piece.length;
      socket.write(piece, () => setImmediate(go));
    };
    go();
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toBeLessThan(2 ** 30);
  });

  it('end the connection of a client that sends no more', async () => {
    const socket = connect({ port: Number(new URL(app.url).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.write(
      'POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9999999\r\n\r\n{',
    );
    socket.on('end', () => socket.end());
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('leave what else is asked on other connections alone', async () => {
    const [refused, served] = await Promise.all([
      tryOften(app.url, () => ({ headers: JSON_TYPE, body: 'x'.repeat(5 * MIB) }), 5),
      Promise.all(Array.from({ length: 20 }, () => app.post(legacy('ping', undefined, 1)))),
    ]);
    expect(refused).toEqual(['413 -32600']);
    expect(new Set(served.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe.each(['express', 'fastify'] as const)('a refusal by a guard on %s', (platform) => {
  it('is received although the body is too large', async () => {
    const app = await startTransport(
      platform,
      {},
      { providers: [{ provide: APP_GUARD, useClass: NobodyGuard }], wire: false },
    );
    const seen = await tryOften(app.url, () => ({ headers: JSON_TYPE, body: 'x'.repeat(5 * MIB) }));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatch(/^4\d\d /);
    await app.close();
  });
});
