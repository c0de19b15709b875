import {
  Catch,
  ForbiddenException,
  HttpException,
  Injectable,
  UnauthorizedException,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { InMemorySessionAdapter } from 'nestjs-mcp-adapters';
import { PLATFORMS, type AppOptions } from '../../support/app.js';
import { legacy, modern, send, type HttpAnswer } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Refuses on the route, not where handlers are called. */
function guardThatThrows(exception: () => Error, headers: Record<string, string> = {}): CanActivate {
  @Injectable()
  class Guard implements CanActivate {
    canActivate(context: ExecutionContext) {
      if (context.getType() !== 'http') return true;
      const response = context.switchToHttp().getResponse();
      for (const [name, value] of Object.entries(headers)) response.header(name, value);
      throw exception();
    }
  }
  return new Guard();
}

@Injectable()
class DenyingGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    return context.getType<string>() !== 'http';
  }
}

/** A filter as applications write it to give all their errors one form. */
@Catch()
class EnvelopeFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse();
    response.header('x-filter', 'envelope');
    const status = exception instanceof HttpException ? exception.getStatus() : 502;
    response.status(status).send({ success: false, message: 'Refused by the filter' });
  }
}

describe.each(PLATFORMS)('refusals on the route on %s', (platform) => {
  let app: TransportApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  const logged: string[] = [];
  const logger = {
    log: () => {},
    warn: () => {},
    error: (...all: unknown[]) => logged.push(all.map(String).join(' ')),
  };

  async function start(
    { providers = [], imports = [], configure }: Pick<AppOptions, 'providers' | 'imports' | 'configure'>,
    mcp = {},
  ) {
    logged.splice(0);
    app = await startTransport(
      platform,
      { logger, ...mcp },
      { providers, imports, ...(configure && { configure }) },
    );
    return app;
  }

  function expectError({ status, headers, json }: HttpAnswer, expected: number, id: unknown, code = -32600) {
    expect([status, json]).toEqual([
      expected,
      { jsonrpc: '2.0', id, error: { code, message: expect.any(String) } },
    ]);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  }

  it.each([
    ['false', new DenyingGuard(), 403, -32600],
    ['401', guardThatThrows(() => new UnauthorizedException('Who are you?')), 401, -32600],
    ['403', guardThatThrows(() => new ForbiddenException(['a', 'b'])), 403, -32600],
    ['a text', guardThatThrows(() => new HttpException('I am a teapot', 418)), 418, -32600],
    ['503', guardThatThrows(() => new HttpException('away: db-7', 503)), 503, -32603],
    ['what it did not expect', guardThatThrows(() => new Error('db-7 is down')), 500, -32603],
  ])('of a guard that answers %s are JSON-RPC errors with the id', async (_name, guard, status, code) => {
    const { post, url } = await start({ providers: [{ provide: APP_GUARD, useValue: guard }] });
    expectError(await post(legacy('ping', {}, 'x')), status, 'x', code);
    expectError(await post(...modern('tools/list', {}, { id: 7 })), status, 7, code);
    expectError(await post({ jsonrpc: '2.0', method: 'notifications/initialized' }), status, null, code);
    for (const method of ['GET', 'DELETE']) expectError(await send(url, { method }), status, null, code);
    expect((await post(legacy('ping', {}, 'x'))).text).not.toContain('db-7');
  });

  it('keep the status and the headers of the exception', async () => {
    const challenge = 'Bearer realm="tools"';
    const guard = guardThatThrows(() => new UnauthorizedException('Who are you?'), {
      'www-authenticate': challenge,
    });
    const { post } = await start({ providers: [{ provide: APP_GUARD, useValue: guard }] });
    const answer = await post(legacy('ping', {}, 'x'));
    expectError(answer, 401, 'x');
    expect(answer.json.error.message).toBe('Who are you?');
    expect(answer.headers.get('www-authenticate')).toBe(challenge);
  });

  it('of a throttler say when to come back', async () => {
    const guard = guardThatThrows(() => new HttpException('ThrottlerException: Too Many Requests', 429), {
      'Retry-After': '60',
    });
    const { post } = await start({ providers: [{ provide: APP_GUARD, useValue: guard }] });
    const refused = await post(legacy('ping', {}, 'y'));
    expectError(refused, 429, 'y');
    expect(refused.headers.get('retry-after')).toBe('60');
  });

  it('that a filter puts into words are JSON-RPC errors, too', async () => {
    const { post } = await start({
      providers: [
        { provide: APP_GUARD, useValue: guardThatThrows(() => new ForbiddenException()) },
        { provide: APP_FILTER, useClass: EnvelopeFilter },
      ],
    });
    const answer = await post(legacy('ping', {}, 'x'));
    expectError(answer, 403, 'x');
    expect(answer.json.error.message).toBe('Refused by the filter');
    expect(answer.headers.get('x-filter')).toBe('envelope');
  });

  it('of middleware are JSON-RPC errors', async () => {
    const configure = (nest: INestApplication) => {
      nest.use(
        (request: { headers: Record<string, string> }, _response: unknown, next: (error?: unknown) => void) =>
          next(request.headers['x-fail'] === undefined ? undefined : new ForbiddenException('No entry')),
      );
    };
    const { post } = await start({ configure });
    expect((await post(legacy('ping', {}, 'x'))).status).toBe(200);
    const { status, json } = await post(legacy('ping', {}, 'x'), { 'x-fail': '1' });
    expect([status, json.jsonrpc, json.error.message]).toEqual([403, '2.0', 'No entry']);
  });

  it('leave the rest of the application alone', async () => {
    const { origin } = await start({ providers: [{ provide: APP_GUARD, useValue: new DenyingGuard() }] });
    const missing = await send(`${origin}/elsewhere`, { method: 'GET' });
    expect([missing.status, missing.json.statusCode, missing.json.jsonrpc]).toEqual([404, 404, undefined]);
  });

  it('leave a JSON-RPC error as it is', async () => {
    const own = { jsonrpc: '2.0', id: 'x', error: { code: -1, message: 'mine' } };
    @Catch()
    class OwnFilter implements ExceptionFilter {
      catch(_exception: unknown, host: ArgumentsHost) {
        host.switchToHttp().getResponse().status(403).send(own);
      }
    }
    const { post } = await start({
      providers: [
        { provide: APP_GUARD, useValue: new DenyingGuard() },
        { provide: APP_FILTER, useClass: OwnFilter },
      ],
    });
    expect((await post(legacy('ping', {}, 'x'))).json).toEqual(own);
  });

  it.each([true, { origin: 'https://app.example' }])(
    'do not include the preflight of DELETE (cors: %j)',
    async (cors) => {
      app = await startTransport(
        platform,
        { sessionAdapter: new InMemorySessionAdapter(), allowedOrigins: ['https://app.example'] },
        { nest: { cors } },
      );
      const preflight = await send(app.url, {
        method: 'OPTIONS',
        headers: { origin: 'https://app.example', 'access-control-request-method': 'DELETE' },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
    },
  );

  it('follow the methods that CORS was told', async () => {
    app = await startTransport(platform, {}, { nest: { cors: { origin: true, methods: ['GET', 'POST'] } } });
    const preflight = await send(app.url, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'DELETE' },
    });
    expect(preflight.headers.get('access-control-allow-methods')).not.toContain('DELETE');
  });
});

interface Fastify {
  addHook(name: string, hook: (...args: any[]) => void): void;
  removeContentTypeParser(type: string): void;
  addContentTypeParser(type: string, options: object, parser: (...args: any[]) => void): void;
}

describe('refusals of hooks and parsers of Fastify', () => {
  let app: TransportApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  const logged: string[] = [];
  async function start(prepare: (fastify: Fastify) => void) {
    logged.splice(0);
    const logger = {
      log: () => {},
      warn: () => {},
      error: (...all: unknown[]) => logged.push(all.map(String).join(' ')),
    };
    const configure = (nest: INestApplication) => prepare(nest.getHttpAdapter().getInstance());
    app = await startTransport('fastify', { logger }, { configure, nest: { bodyParser: false } });
    return app;
  }

  it.each(['onRequest', 'preParsing', 'preValidation', 'preHandler'])(
    'of %s are logged once where nobody expected them, and say nothing of it',
    async (name) => {
      const { post } = await start((fastify) =>
        fastify.addHook(name, (...args) => args.at(-1)(new TypeError('secret of a hook'))),
      );
      const { status, json, text } = await post(legacy('ping', {}, 'x'));
      expect([status, json.error.code]).toEqual([500, -32603]);
      expect(text).not.toContain('secret');
      expect(logged.filter((line) => line.includes('secret of a hook'))).toHaveLength(1);
      expect(json.error.message).toMatch(/reference/);
    },
  );

  it.each([400, 401, 418, 429])(
    'keep status %d and text of a hook, and are no matter for the log',
    async (status) => {
      const { post } = await start((fastify) =>
        fastify.addHook('preHandler', (_request, reply, done) => {
          reply.header('x-hook', 'yes');
          done(Object.assign(new Error('Refused by a hook'), { statusCode: status }));
        }),
      );
      const answer = await post(legacy('ping', {}, 'x'));
      expect([answer.status, answer.json]).toEqual([
        status,
        { jsonrpc: '2.0', id: 'x', error: { code: -32600, message: 'Refused by a hook' } },
      ]);
      expect(answer.headers.get('x-hook')).toBe('yes');
      expect(logged).toEqual([]);
    },
  );

  it('are JSON-RPC errors where a hook answers itself', async () => {
    const { post } = await start((fastify) =>
      fastify.addHook('onRequest', (_request, reply) => reply.code(429).send('Too many, go away')),
    );
    const { status, json } = await post(legacy('ping', {}, 'x'));
    expect([status, json]).toEqual([
      429,
      { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Too Many Requests' } },
    ]);
  });

  it.each([
    ['SyntaxError of JSON.parse', (text: string) => void JSON.parse(text), 400, -32700],
    [
      'something like a SyntaxError',
      () => {
        throw { name: 'SyntaxError', message: 'Bad' };
      },
      400,
      -32700,
    ],
    [
      'an error of its own',
      () => {
        throw new TypeError('a fault of the parser');
      },
      500,
      -32603,
    ],
  ])('of a JSON parser of the application that throws %s', async (_name, parse, status, code) => {
    const { post } = await start((fastify) => {
      fastify.removeContentTypeParser('application/json');
      fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
        try {
          done(null, parse(body));
        } catch (error) {
          done(error);
        }
      });
    });
    const answer = await post('{"a":', JSON_TYPE);
    expect([answer.status, answer.json.id, answer.json.error.code]).toEqual([status, null, code]);
    expect(logged).toHaveLength(status === 500 ? 1 : 0);
  });
});

describe.each(PLATFORMS)('a body whose stream has an encoding, on %s', (platform) => {
  let app: TransportApp;
  afterEach(() => app.close());

  // Fastify parses the body itself, and knows text of no other encoding.
  const encodings: BufferEncoding[] = platform === 'express' ? ['utf8', 'latin1', 'base64'] : ['utf8'];

  it.each(encodings)('is read and checked: %s', async (encoding) => {
    const configure = (nest: INestApplication) => {
      nest.use((request: IncomingMessage, _response: unknown, next: () => void) => {
        request.setEncoding(encoding);
        next();
      });
    };
    app = await startTransport(platform, {}, { configure, nest: { bodyParser: false } });
    const { status, json } = await app.post(legacy('ping', { word: 'Grüße' }, 'x'));
    expect([status, json.id, json.result]).toEqual([200, 'x', {}]);
    const deep = await app.post(`${'['.repeat(1_000)}${']'.repeat(1_000)}`, JSON_TYPE);
    expect([deep.status, deep.json.error.code]).toEqual([400, -32600]);
  });
});

it('a body that a parser of Fastify reads as text is checked as it comes', async () => {
  const configure = (nest: INestApplication) => {
    const fastify = nest.getHttpAdapter().getInstance() as Fastify;
    fastify.removeContentTypeParser('application/json');
    fastify.addContentTypeParser('application/json', {}, (_request, payload, done) => {
      let text = '';
      payload.setEncoding('utf8');
      payload.on('data', (chunk: string) => (text += chunk)).on('end', () => done(null, JSON.parse(text)));
    });
  };
  const app = await startTransport('fastify', {}, { configure, nest: { bodyParser: false } });
  const { status, json } = await app.post(legacy('ping', {}, 'x'));
  expect([status, json.result]).toEqual([200, {}]);
  const deep = await app.post(`${'['.repeat(1_000)}${']'.repeat(1_000)}`, JSON_TYPE);
  expect([deep.status, deep.json.error.code]).toEqual([400, -32600]);
  await app.close();
});
