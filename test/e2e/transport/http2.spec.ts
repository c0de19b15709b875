import { execFileSync } from 'node:child_process';
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { request } from 'node:https';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpTool,
  StreamableHttpTransport,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { legacy, modern } from '../../support/http.js';
import { SseReader } from '../../support/sse.js';
import { aborted, Gate, startTransport, type TransportApp } from './fixture.js';

const MIB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** A certificate for localhost, made for the run. */
function certificate(): { key: string; cert: string } {
  const pem = execFileSync(
    'openssl',
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout - -out - -subj /CN=localhost -days 2'.split(
      ' ',
    ),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const [key = ''] = /-----BEGIN PRIVATE KEY-----[^]*?-----END PRIVATE KEY-----/.exec(pem) ?? [];
  const [cert = ''] = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(pem) ?? [];
  return { key, cert };
}

@Injectable()
class TalkingTools {
  readonly begun = new Gate();
  readonly left = new Gate();

  /** Goes on as long as a client reads, and waits for it. */
  @McpTool({ name: 'talk' })
  async talk(_: unknown, ctx: McpContext) {
    for (let step = 1; !ctx.signal.aborted; step++) {
      await ctx.progress(step, undefined, 'x'.repeat(10_000));
      this.begun.open();
    }
    this.left.open();
  }

  @McpTool({ name: 'ask', input: { type: 'object' } })
  async ask(_: unknown, ctx: McpContext) {
    const { action } = await ctx.elicit({ message: 'Well?', schema: { type: 'object', properties: {} } });
    return action;
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly messages: any[];
}

const KINDS = ['h2c', 'TLS', 'TLS with HTTP/1.1 allowed'] as const;

describe.each(KINDS)('HTTP/2 on fastify: %s', (kind) => {
  let tls: { key: string; cert: string };
  let app: TransportApp;
  let client: ClientHttp2Session;
  beforeAll(() => {
    tls = certificate();
  });
  afterEach(async () => {
    client.destroy();
    await app.close();
  });

  async function start(mcp: McpModuleOptions = {}): Promise<void> {
    const https = kind === 'h2c' ? {} : { https: { ...tls, allowHTTP1: kind !== 'TLS' } };
    app = await startTransport('fastify', mcp, {
      fastify: { http2: true, ...https },
      providers: [TalkingTools],
      wire: false,
    });
    client = connect(app.origin, { rejectUnauthorized: false });
    client.on('error', () => {});
  }

  function open(method: string, headers: Record<string, string>, body?: string): ClientHttp2Stream {
    const stream = client.request({ ':method': method, ':path': '/mcp', ...headers });
    stream.on('error', () => {});
    stream.end(body);
    return stream;
  }

  function read(stream: ClientHttp2Stream, onText?: (text: string) => void): Promise<Answer> {
    return new Promise((resolve) => {
      let head: Record<string, unknown> = {};
      let text = '';
      stream.on('response', (headers) => (head = { ...headers }));
      stream.setEncoding('utf8').on('data', (chunk: string) => onText?.((text += chunk)));
      stream.on('close', () => {
        const isSse = String(head['content-type']).startsWith('text/event-stream');
        const parts = isSse
          ? SseReader.parse(text)
              .map(({ data }) => data)
              .filter((data) => data !== '')
          : [text];
        const messages = parts.filter((part) => part !== '').map((part) => JSON.parse(part));
        resolve({ status: Number(head[':status']), headers: head, text, messages });
      });
    });
  }

  const post = (body: object, headers: Record<string, string> = {}) =>
    read(open('POST', { ...JSON_TYPE, ...headers }, JSON.stringify(body)), () => {});

  async function openSession(): Promise<Record<string, string>> {
    const clientInfo = { name: 'test', version: '1.0.0' };
    const capabilities = { elicitation: {} };
    const { headers } = await post(
      legacy('initialize', { protocolVersion: '2025-11-25', capabilities, clientInfo }),
    );
    return { 'mcp-session-id': String(headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' };
  }

  it('answers calls of both eras, as JSON and as streams', async () => {
    await start();
    const counted = { name: 'count', arguments: { to: 3 } };
    for (const [body, headers] of [
      [legacy('tools/call', { ...counted, _meta: { progressToken: 1 } }), {}] as const,
      modern('tools/call', counted, { meta: { progressToken: 1 } }),
    ]) {
      const answer = await post(body, headers);
      expect(answer.status).toBe(200);
      expect(answer.messages).toHaveLength(4);
      expect(answer.messages.at(-1).result.content[0].text).toBe('counted to 3');
    }
    const [body, headers] = modern('tools/call', { name: 'echo', arguments: { a: 1 } });
    const answer = await post(body, headers);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.messages[0].result.content[0].text).toBe('{"a":1}');
  });

  it('reads the authority where HTTP/1.1 has a Host, and refuses strangers', async () => {
    await start();
    const ping = legacy('ping', undefined, 1);
    expect((await post(ping, { ':authority': 'localhost:1' })).status).toBe(200);
    expect((await post(ping, { ':authority': 'evil.example' })).status).toBe(403);
    expect((await post(ping, { ':authority': 'localhost', host: 'evil.example' })).status).toBe(403);
    expect((await post(ping, { origin: 'https://evil.example' })).status).toBe(403);
  });

  it('cancels a call whose stream is closed, in both eras, whether it has begun to answer or not', async () => {
    await start();
    const held = { name: 'hold', arguments: {} };
    for (const [body, headers] of [[legacy('tools/call', held), {}] as const, modern('tools/call', held)]) {
      for (const accept of ['application/json', 'text/event-stream']) {
        const stream = open('POST', { ...JSON_TYPE, ...headers, accept }, JSON.stringify(body));
        const { ctx } = await app.tools.nextHeld();
        stream.close(8);
        await aborted(ctx.signal);
      }
    }
  });

  it('lets go of a handler that waits for a reader who leaves', async () => {
    await start();
    const tools = app.app.get(TalkingTools);
    const call = legacy('tools/call', { name: 'talk', arguments: {}, _meta: { progressToken: 1 } });
    const stream = open('POST', JSON_TYPE, JSON.stringify(call));
    await tools.begun.opened;
    stream.close(8);
    await tools.left.opened;
    expect(app.app.get(StreamableHttpTransport).stats()).toMatchObject({ streams: 0 });
  });

  it('keeps a quiet call alive', async () => {
    await start({ keepAliveMs: 20 });
    const stream = open(
      'POST',
      JSON_TYPE,
      JSON.stringify(legacy('tools/call', { name: 'hold', arguments: {} })),
    );
    const { gate } = await app.tools.nextHeld();
    const answer = await read(stream, (text) => {
      if (text.includes(':\n\n:\n\n')) gate.open();
    });
    expect(answer.messages[0].result.content[0].text).toBe('finished');
  });

  it('serves sessions: questions, the stream of its own, and its end', async () => {
    await start({
      sessionAdapter: new InMemorySessionAdapter(),
      clientRequestAdapter: new InMemoryClientRequestAdapter(),
    });
    const session = await openSession();
    const asking = open(
      'POST',
      { ...JSON_TYPE, ...session },
      JSON.stringify(legacy('tools/call', { name: 'ask', arguments: {} })),
    );
    let isAnswered = false;
    const asked = await read(asking, (text) => {
      const question = SseReader.parse(text)
        .map(({ data }) => data)
        .find((data) => data.includes('elicitation/create'));
      if (question === undefined || isAnswered) return;
      isAnswered = true;
      void post({ jsonrpc: '2.0', id: JSON.parse(question).id, result: { action: 'decline' } }, session);
    });
    expect(asked.messages.at(-1).result.content[0].text).toBe('decline');

    const listening = open('GET', { accept: 'text/event-stream', ...session });
    let heard!: () => void;
    const hears = new Promise<void>((resolve) => (heard = resolve));
    const ended = read(listening, (text) => text.includes('notifications/message') && heard());
    await new Promise((resolve) => listening.once('response', resolve));
    const { 'mcp-session-id': id = '' } = session;
    await app.app
      .get(StreamableHttpTransport)
      .session(id)
      .notify('notifications/message', { level: 'info', data: 1 });
    await hears;
    expect((await read(open('DELETE', session))).status).toBe(204);
    await ended;
    expect((await post(legacy('ping'), session)).status).toBe(404);
  });

  it('serves subscriptions', async () => {
    await start();
    const [body, headers] = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const stream = open('POST', { ...JSON_TYPE, ...headers }, JSON.stringify(body));
    await new Promise<void>((resolve) => {
      void read(stream, (text) => text.includes('acknowledged') && resolve());
    });
    const transport = app.app.get(StreamableHttpTransport);
    expect(transport.stats().subscriptions).toBe(1);
    stream.close(8);
    while (transport.stats().subscriptions > 0) await new Promise(setImmediate);
  });

  it('ends its streams when the application closes, and leaves connections to the platform', async () => {
    await start({ sessionAdapter: new InMemorySessionAdapter() });
    const listening = open('GET', { accept: 'text/event-stream', ...(await openSession()) });
    const ended = read(listening, () => {});
    await new Promise((resolve) => listening.once('response', resolve));
    const closing = app.app.close();
    await ended;
    // Before Node.js 24, Fastify waits for connections that clients keep.
    client.close();
    await closing;
  });

  it('refuses what it cannot read, and is heard', async () => {
    await start();
    const refused = async (body: string, headers: Record<string, string> = {}) =>
      (await read(open('POST', { ...JSON_TYPE, ...headers }, body), () => {})).status;
    expect(await refused('x'.repeat(5 * MIB))).toBe(413);
    expect(await refused('{')).toBe(400);
    expect(await refused('{}', { 'content-type': 'text/plain' })).toBe(415);
    expect((await post(legacy('ping', undefined, 1))).messages).toEqual([
      { jsonrpc: '2.0', id: 1, result: {} },
    ]);
  });

  it('says so at start where it is mounted directly, which is HTTP/1.1', async () => {
    const https = kind === 'h2c' ? {} : { https: { ...tls, allowHTTP1: kind !== 'TLS' } };
    await start();
    await expect(
      startTransport('fastify', { mount: 'direct' }, { fastify: { http2: true, ...https }, wire: false }),
    ).rejects.toThrow(/mount: "direct".*HTTP\/1\.1/);
  });

  if (kind === 'TLS with HTTP/1.1 allowed') {
    it('serves HTTP/1.1 beside it', async () => {
      await start();
      const text = await new Promise<string>((resolve, reject) => {
        const sent = request(
          app.url,
          { method: 'POST', rejectUnauthorized: false, agent: false, headers: JSON_TYPE },
          (response) => {
            let all = '';
            response.on('data', (chunk) => (all += String(chunk))).on('end', () => resolve(all));
          },
        );
        sent.on('error', reject).end(JSON.stringify(legacy('ping', undefined, 1)));
      });
      expect(JSON.parse(text)).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    });
  }
});
