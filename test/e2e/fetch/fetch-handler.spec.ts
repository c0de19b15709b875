import 'reflect-metadata';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, Module, type INestApplicationContext, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import {
  AdapterUnavailableError,
  InMemorySessionAdapter,
  McpModule,
  McpTool,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { createFetchHandler, type FetchHandlerOptions } from 'nestjs-mcp-adapters/fetch';
import { legacy, modern, readAnswer } from '../../support/http.js';
import { InMemoryPlainAdapter } from '../sessions/plain-adapters.js';
import { Gate, TransportTools } from '../transport/fixture.js';

const URL_OF_ENDPOINT = 'https://host.example/mcp';

let app: INestApplicationContext | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

@Injectable()
class MoreTools {
  sent = 0;
  readonly stopped = new Gate();

  @McpTool({ name: 'request', description: 'What a handler sees', input: { type: 'object' } })
  request(_: unknown, ctx: McpContext) {
    const request = ctx.http?.request as { url: string; ip?: string; original: Request };
    return { url: request.url, ip: request.ip, original: request.original.url };
  }

  /** Reports until the client has left. */
  @McpTool({ name: 'flood', description: 'Reports without end', input: { type: 'object' } })
  async flood(_: unknown, ctx: McpContext) {
    while (!ctx.signal.aborted) await ctx.progress(++this.sent, undefined, 'x'.repeat(10_000));
    this.stopped.open();
    return 'stopped';
  }
}

/** A member of a request as a host gives it that has no host in its URLs. */
function valueOf(request: Request, name: string | symbol, url: string): unknown {
  if (name === 'url') return url;
  const value: unknown = Reflect.get(request, name, request);
  return typeof value === 'function' ? (value.bind(request) as unknown) : value;
}

const WARNING = expect.stringContaining('accepts any Host and Origin');

function silent() {
  const logger = { log: () => undefined, warn: jest.fn(), error: jest.fn() };
  return logger as typeof logger & LoggerService;
}

async function start(
  mcp: readonly McpModuleOptions[] = [{}],
  options: FetchHandlerOptions = {},
  logger = silent(),
) {
  @Module({
    imports: mcp.map((each) => McpModule.forRoot({ logger, ...each })),
    providers: [TransportTools, MoreTools],
  })
  class AppModule {}
  app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  const handle = createFetchHandler(app, options);
  return { handle, logger, tools: app.get(TransportTools), more: app.get(MoreTools) };
}

function post([body, headers]: readonly [object, Record<string, string>?], more: RequestInit = {}): Request {
  return new Request(URL_OF_ENDPOINT, {
    method: 'POST',
    body: JSON.stringify(body),
    ...more,
    headers: { 'content-type': 'application/json', ...headers, ...(more.headers as object) },
  });
}

const call = (name: string, args = {}) => modern('tools/call', { name, arguments: args });
const callWithProgress = (name: string) =>
  modern('tools/call', { name, arguments: {} }, { meta: { progressToken: 1 } });

describe('a fetch handler of an application without HTTP', () => {
  it('answers with JSON, and with a stream where there is something to tell before', async () => {
    const { handle } = await start();
    const json = await readAnswer(await handle(post(call('echo', { a: 1 }))));
    expect([json.status, json.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(json.json.result.content[0].text).toBe('{"a":1}');
    const streamed = await readAnswer(await handle(post(callWithProgress('count'))));
    expect(streamed.headers.get('content-type')).toBe('text/event-stream');
    expect(streamed.messages).toHaveLength(4);
  });

  it('gives handlers the request that it was given, and the address that the host knows', async () => {
    const clientAddress = (request: Request) => request.headers.get('cf-connecting-ip') ?? undefined;
    const { handle } = await start([{}], { clientAddress });
    const request = post(call('request'), { headers: { 'cf-connecting-ip': '192.0.2.7' } });
    const answer = await readAnswer(await handle(request));
    expect(JSON.parse(answer.json.result.content[0].text)).toEqual({
      url: '/mcp',
      ip: '192.0.2.7',
      original: URL_OF_ENDPOINT,
    });
  });

  it('keeps a session, and ends its stream when the client cancels the body', async () => {
    const { handle } = await start([{ sessionAdapter: new InMemorySessionAdapter() }]);
    const initialize = legacy('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    });
    const opened = await readAnswer(await handle(post([initialize])));
    const headers = {
      'mcp-session-id': opened.headers.get('mcp-session-id') as string,
      'mcp-protocol-version': '2025-11-25',
      accept: 'text/event-stream',
    };
    const stream = await handle(new Request(URL_OF_ENDPOINT, { headers }));
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    await stream.body?.cancel();
    const deleted = await handle(new Request(URL_OF_ENDPOINT, { method: 'DELETE', headers }));
    expect(deleted.status).toBeLessThan(300);
  });

  it('aborts a call whose body the client cancels', async () => {
    const { handle, tools } = await start();
    const response = await handle(
      post(callWithProgress('hold'), { headers: { accept: 'text/event-stream' } }),
    );
    const { ctx } = await tools.nextHeld();
    const aborted = new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    await response.body?.cancel();
    await aborted;
  });

  it('aborts a call whose request is aborted, before there was an answer', async () => {
    const { handle, tools } = await start();
    const client = new AbortController();
    const answer = handle(post(call('hold'), { signal: client.signal }));
    const { ctx } = await tools.nextHeld();
    const aborted = new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    client.abort();
    await aborted;
    expect((await answer).status).toBe(499);
  });

  it('runs nothing for a request that was aborted before', async () => {
    const { handle, tools } = await start();
    expect((await handle(post(call('echo'), { signal: AbortSignal.abort() }))).status).toBe(499);
    await handle(post(call('echo')));
    expect(tools.calls).toEqual(['echo']);
  });

  it('slows a handler down whose reader takes nothing, and lets it go on when it does', async () => {
    const { handle, more } = await start();
    const response = await handle(post(callWithProgress('flood')));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    let seen: number;
    do {
      seen = more.sent;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } while (more.sent > seen);
    expect(more.sent).toBeLessThan(500);
    while (more.sent <= seen + 100) await reader.read();
    await reader.cancel();
    await more.stopped.opened;
  });

  it('gives up a reader that takes nothing for long', async () => {
    const { handle, more } = await start([{ keepAliveMs: 50 }]);
    const response = await handle(post(callWithProgress('flood')));
    await more.stopped.opened;
    await expect(response.text()).rejects.toThrow('given up');
  });

  it('refuses a body that is too large, whether its length is told or not', async () => {
    const { handle } = await start([{ limits: { bodyBytes: 1000 } }]);
    const large = JSON.stringify(legacy('ping', { text: 'x'.repeat(2000) }));
    const told = post([{}], { body: large, headers: { 'content-length': String(large.length) } });
    expect((await handle(told)).status).toBe(413);
    const pieces = new ReadableStream({
      start(controller) {
        for (const piece of large.match(/.{1,100}/g) ?? [])
          controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    });
    const untold = post([{}], { body: pieces, duplex: 'half' });
    expect((await readAnswer(await handle(untold))).json.error.message).toContain('1000 bytes');
  });

  it('gives no answer to a client whose body breaks off', async () => {
    const { handle, logger, tools } = await start();
    const broken = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"jsonrpc"')),
      pull: () => Promise.reject(new Error('The connection broke')),
    });
    const answer = await handle(post([{}], { body: broken, duplex: 'half' }));
    expect([answer.status, tools.calls, logger.error.mock.calls]).toEqual([499, [], []]);
  });

  it('runs nothing for a client that leaves while its body is on its way', async () => {
    const { handle, logger, tools } = await start();
    const client = new AbortController();
    let send!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (send = controller) });
    const text = new TextEncoder().encode(JSON.stringify(call('echo')[0]));
    const request = post([{}, call('echo')[1]], { body, duplex: 'half', signal: client.signal });
    const answer = handle(request);
    send.enqueue(text.subarray(0, 10));
    await new Promise(setImmediate);
    client.abort();
    expect((await answer).status).toBe(499);
    // A host may go on with what it has of the body.
    try {
      send.enqueue(text.subarray(10));
      send.close();
    } catch {
      // Cancelled.
    }
    await handle(post(call('echo')));
    expect([tools.calls, logger.error.mock.calls]).toEqual([['echo'], []]);
  });

  it('refuses a body that never ends, and stops reading it', async () => {
    const { handle } = await start([{ requestTimeoutMs: 50 }]);
    const endless = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.enqueue(new Uint8Array([0x20]));
      },
    });
    expect((await handle(post([{}], { body: endless, duplex: 'half' }))).status).toBe(408);
  });

  it('counts the bytes of a body, whatever its length is said to be', async () => {
    const { handle } = await start([{ limits: { bodyBytes: 1000 } }]);
    const large = JSON.stringify(legacy('ping', { text: 'x'.repeat(2000) }));
    const short = post([{}], { body: large, headers: { 'content-length': '5' } });
    expect((await handle(short)).status).toBe(413);
    const odd = post(call('echo'), { headers: { 'content-length': 'many' } });
    expect((await handle(odd)).status).toBe(200);
  });

  it('answers 500 for a body that was read before, or is being read, with what to do in the log', async () => {
    const { handle, logger, tools } = await start();
    const read = post(call('echo'));
    await read.text();
    const locked = post(call('echo'));
    locked.body?.getReader();
    for (const request of [read, locked]) {
      const answer = await readAnswer(await handle(request));
      expect([answer.status, answer.json.error.message]).toEqual([
        500,
        expect.stringMatching(/^Internal error/),
      ]);
    }
    expect(tools.calls).toEqual([]);
    expect(logger.error).toHaveBeenCalledTimes(2);
    expect(String(logger.error.mock.calls[0])).toContain('request.clone()');
  });

  it('answers 500 where the address of a client cannot be resolved', async () => {
    const clientAddress = () => {
      throw new Error('no such header');
    };
    const { handle, logger } = await start([{}], { clientAddress });
    const answer = await handle(post(call('echo')));
    expect([answer.status, await answer.text()]).toEqual([
      500,
      expect.not.stringContaining('no such header'),
    ]);
    expect(logger.error).toHaveBeenCalledTimes(1);
  });

  it('takes the host of a URL for that of a request without one, and none from a URL that has none', async () => {
    const { handle } = await start([{ allowedHosts: ['host.example'] }]);
    const [body, headers] = call('echo');
    const asked = (url: string, more: Record<string, string> = {}) => {
      const request = post([body, { ...headers, ...more }]);
      return handle(new Proxy(request, { get: (target, name) => valueOf(target, name, url) }));
    };
    expect((await asked(URL_OF_ENDPOINT)).status).toBe(200);
    expect((await asked('/mcp')).status).toBe(403);
    expect((await asked('/mcp', { host: 'host.example' })).status).toBe(200);
  });

  it('begins sessions one after the other where more are asked for at the same moment than there is room for', async () => {
    const { handle } = await start([
      {
        limits: { sessions: 10 },
        sessionAdapter: new InMemoryPlainAdapter({ delayMs: 20 }),
        requestStateSecret: 'x'.repeat(32),
      },
    ]);
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 't', version: '1' },
    };
    const begin = () => handle(post([legacy('initialize', params)]));
    const statuses = await Promise.all(Array.from({ length: 100 }, async () => (await begin()).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('has no body for HEAD, and names the methods that there are', async () => {
    const { handle } = await start();
    const head = await handle(new Request(URL_OF_ENDPOINT, { method: 'HEAD' }));
    expect([head.status, head.headers.get('allow'), head.body]).toEqual([405, 'POST', null]);
  });

  it('reads headers of any length', async () => {
    const { handle } = await start();
    const headers = { 'x-long': 'x'.repeat(100_000), 'mcp-session-id': 'y'.repeat(100_000) };
    expect((await handle(post(call('echo'), { headers }))).status).toBe(200);
  });

  it('lets pages of a configured origin in, and no other', async () => {
    const { handle, logger } = await start([{ allowedOrigins: ['https://app.example'] }]);
    const asked = (origin: string) =>
      handle(
        new Request(URL_OF_ENDPOINT, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'POST' },
        }),
      );
    const allowed = await asked('https://app.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect((await asked('https://evil.example')).status).toBe(403);
    const answer = await handle(post(call('echo'), { headers: { origin: 'https://app.example' } }));
    expect(answer.headers.get('access-control-expose-headers')).toContain('Mcp-Session-Id');
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(logger.warn).not.toHaveBeenCalledWith(WARNING);
  });

  it('lets configured hosts in, and no other', async () => {
    const { handle } = await start([{ allowedHosts: ['host.example'] }]);
    expect((await handle(post(call('echo')))).status).toBe(200);
    const elsewhere = new Request('https://other.example/mcp', post(call('echo')));
    expect((await handle(elsewhere)).status).toBe(403);
  });

  it('warns once where nothing says who may come in', async () => {
    const { handle, logger } = await start();
    await handle(post(call('echo')));
    expect(logger.warn.mock.calls).toEqual([[WARNING]]);
  });

  it('serves the metadata of a server that asks for tokens, and challenges by its URL', async () => {
    const { handle } = await start([
      {
        publicUrl: 'https://host.example',
        auth: {
          authorizationServers: ['https://id.example'],
          verifier: { verify: () => undefined } as never,
        },
      },
    ]);
    const challenge = (await handle(post(call('echo')))).headers.get('www-authenticate');
    const url = 'https://host.example/.well-known/oauth-protected-resource/mcp';
    expect(challenge).toContain(`resource_metadata="${url}"`);
    const document = await handle(new Request(url));
    expect(await document.json()).toMatchObject({
      resource: URL_OF_ENDPOINT,
      authorization_servers: ['https://id.example'],
    });
  });

  it('answers 503 when the application has closed', async () => {
    const { handle } = await start();
    await handle(post(call('echo')));
    await app?.close();
    expect((await handle(post(call('echo')))).status).toBe(503);
  });
});

describe('the server of a fetch handler', () => {
  it('is the one of its name', async () => {
    const { handle } = await start(
      [{ name: 'one' }, { name: 'two', path: '/two', serverInfo: { name: 'second', version: '2' } }],
      {
        name: 'two',
      },
    );
    const answer = await readAnswer(await handle(post(modern('server/discover'))));
    expect(answer.text).toContain('"second"');
  });

  it('must exist', async () => {
    await start();
    expect(() => createFetchHandler(app as INestApplicationContext, { name: 'other' })).toThrow(
      'createFetchHandler() option name: there is no server "other", only one without a name',
    );
    @Module({})
    class EmptyModule {}
    await app?.close();
    app = await NestFactory.createApplicationContext(EmptyModule, { logger: false, abortOnError: false });
    expect(() => createFetchHandler(app as INestApplicationContext)).toThrow('has no MCP server');
  });

  it('begins with the first request, and again with the next where that failed', async () => {
    const bus = { publish: async () => {}, close: async () => {} };
    const subscribe = jest.fn<() => Promise<() => void>>();
    subscribe.mockRejectedValueOnce(new AdapterUnavailableError('away')).mockResolvedValue(() => undefined);
    const { handle, logger } = await start([{ notificationBus: { ...bus, subscribe } as never }]);
    expect(subscribe).not.toHaveBeenCalled();
    expect((await handle(post(call('echo')))).status).toBe(503);
    expect(logger.error).toHaveBeenCalledTimes(1);
    expect((await handle(post(call('echo')))).status).toBe(200);
  });

  it('may be of an application with HTTP, which serves it, too', async () => {
    @Module({ imports: [McpModule.forRoot()], providers: [TransportTools] })
    class AppModule {}
    const nest = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    app = nest;
    const handle = createFetchHandler(nest);
    expect((await handle(post(call('echo')))).status).toBe(200);
    await nest.listen(0, '127.0.0.1');
    const [body, headers] = call('echo');
    const answer = await fetch(`${await nest.getUrl()}/mcp`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
    expect(answer.status).toBe(200);
  });

  it('is named where the HTTP adapter is another than Express and Fastify', async () => {
    class OtherAdapter extends ExpressAdapter {
      override getType(): string {
        return 'other';
      }
    }
    @Module({ imports: [McpModule.forRoot()] })
    class AppModule {}
    const nest = await NestFactory.create(AppModule, new OtherAdapter(), {
      logger: false,
      abortOnError: false,
    });
    app = nest;
    await expect(nest.init()).rejects.toThrow(
      'The HTTP adapter "other" is not supported: use @nestjs/platform-express or @nestjs/platform-fastify, or ' +
        'NestFactory.createApplicationContext() with createFetchHandler() of nestjs-mcp-adapters/fetch',
    );
  });
});
