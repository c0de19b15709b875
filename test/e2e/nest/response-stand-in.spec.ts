import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  Catch,
  type ArgumentsHost,
  type CallHandler,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { McpModule } from 'nestjs-mcp-adapters';
import { of } from 'rxjs';
import { PLATFORMS, startApp, type AppOptions, type Platform, type TestApp } from '../../support/app.js';
import { toolsOf, until } from '../sessions/fixture.js';
import { call, ERAS } from './calls.js';

let app: TestApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

type Use = (response: any) => unknown;

const Tools = toolsOf({
  fail: () => {
    throw new Error('secret');
  },
  failLate: async (ctx) => {
    await ctx.progress(1);
    throw new Error('secret');
  },
  fine: () => 'fine',
});

const startWith = (enhancer: Provider, options: AppOptions) =>
  startApp({ ...options, imports: [McpModule.forRoot()], providers: [Tools, enhancer] });

/** Starts an application whose filter does something with the response of a failed call. */
function start(platform: Platform, use: Use, options: AppOptions = {}) {
  @Catch()
  class Filter implements ExceptionFilter {
    catch(_exception: unknown, host: ArgumentsHost) {
      return use(host.switchToHttp().getResponse());
    }
  }
  return startWith({ provide: APP_FILTER, useClass: Filter }, { ...options, platform });
}

const said = (response: any) => response.status(418).send({ message: 'said' });

/** Action of a filter, and the answer to the client then. */
const ANSWERS: Record<string, [use: Use, text: string | RegExp]> = {
  'is returned': [(response) => said(response), 'said'],
  'is returned later': [async (response) => said(response), 'said'],
  'is emitted': [(response) => of(said(response)), 'said'],
  'is awaited': [async (response) => void (await said(response)), 'said'],
  'is redirected': [(response) => void response.redirect('/login'), 'Internal Server Error'],
  'is redirected with a status': [(response) => response.redirect(303, '/login'), 'Internal Server Error'],
  'sends a file': [(response) => response.sendFile('/etc/hostname'), 'Internal Server Error'],
  'sends a file, with a callback': [
    (response) => new Promise<void>((done) => response.sendFile('/etc/hostname', {}, () => done())),
    'Internal Server Error',
  ],
  'sends a download': [(response) => response.download('/etc/hostname', 'name'), 'Internal Server Error'],
  'sends a download, with a callback': [
    (response) => new Promise<void>((done) => response.download('/etc/hostname', () => done())),
    'Internal Server Error',
  ],
  'renders a view': [(response) => response.render('error', { a: 1 }), 'Internal Server Error'],
  'has a stream piped into it': [
    async ({ raw: response }) => {
      response.statusCode = 418;
      Readable.from([Buffer.from('{"message":'), '"said"}']).pipe(response);
      await once(response, 'finish');
    },
    'said',
  ],
  'ends a pipeline': [
    async ({ raw: response }) => {
      response.statusCode = 418;
      await pipeline(Readable.from(['sa', 'id']), response);
    },
    'said',
  ],
  'meets methods of plugins': [
    async (response) => {
      // Only those that the platform has.
      for (const name of ['cookie', 'vary', 'links', 'format', 'trailer', 'serializer', 'callNotFound'])
        if (name in response) expect(response[name]({})).toBe(response);
      said(response);
    },
    'said',
  ],
  'is left alone': [() => undefined, /^Internal error \(reference/],
};

describe.each(PLATFORMS)('the response around a call, on %s', (platform) => {
  it.each(Object.keys(ANSWERS))('that %s makes the error of the call', async (name) => {
    const [use, text] = ANSWERS[name] as [Use, string | RegExp];
    app = await start(platform, use);
    for (const era of ERAS) {
      const { status, headers, json } = await call(app, 'fail', { era });
      expect(status).toBe(200);
      expect(headers.get('location')).toBeNull();
      const match = typeof text === 'string' ? text : expect.stringMatching(text);
      expect(json.result).toMatchObject({ isError: true, content: [{ text: match }] });
      expect((await call(app, 'fine', { era })).json.result.content[0].text).toBe('fine');
    }
  });

  it('lets go of a stream that is sent', async () => {
    const streams: Readable[] = [];
    app = await start(platform, (response) => {
      const stream = Readable.from(['never read']);
      streams.push(stream);
      return response.send(stream);
    });
    expect((await call(app, 'fail')).json.result.isError).toBe(true);
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  it('tells its listeners once that the call is over', async () => {
    const heard: string[] = [];
    class Listening implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler) {
        if (context.getType<string>() !== 'mcp') return next.handle();
        const response = context.switchToHttp().getResponse();
        for (const event of ['finish', 'close']) response.on(event, () => heard.push(event));
        return next.handle();
      }
    }
    app = await startWith({ provide: APP_INTERCEPTOR, useClass: Listening }, { platform });
    for (const era of ERAS) {
      heard.length = 0;
      expect((await call(app, 'fine', { era })).json.result.content[0].text).toBe('fine');
      await until(() => heard.length >= 2);
      expect(heard).toEqual(['finish', 'close']);
    }
  });

  it('that an interceptor returns after its refusal is the error of the call', async () => {
    class Refusing implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler) {
        if (context.getType<string>() !== 'mcp') return next.handle();
        return of(said(context.switchToHttp().getResponse()));
      }
    }
    app = await startWith({ provide: APP_INTERCEPTOR, useClass: Refusing }, { platform });
    for (const era of ERAS) {
      const { json } = await call(app, 'fine', { era });
      expect(json.result).toMatchObject({ isError: true, content: [{ text: 'said' }] });
    }
  });
});

describe.each(PLATFORMS)('headers of middleware, on %s', (platform) => {
  /** Starts an application whose middleware sets headers, and whose interceptor does something with the response. */
  function startBehind(use: Use) {
    class Interceptor implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler) {
        if (context.getType<string>() === 'mcp') use(context.switchToHttp().getResponse());
        return next.handle();
      }
    }
    return startWith(
      { provide: APP_INTERCEPTOR, useClass: Interceptor },
      {
        platform,
        configure: (nest) =>
          void nest.use((_request: unknown, response: any, next: () => void) => {
            response.setHeader('X-Request-Id', 'r-1');
            response.setHeader('Set-Cookie', ['a=1']);
            next();
          }),
      },
    );
  }

  it('are there to read on the stand-in, by every way there is', async () => {
    const seen: unknown[] = [];
    app = await startBehind((response) => {
      seen.push(
        response.getHeader('x-request-id'),
        response.getHeader('X-REQUEST-ID'),
        response.raw.getHeader('x-request-id'),
        response.hasHeader('x-request-id'),
        response.getHeaders()['x-request-id'],
        response.getHeaderNames().includes('x-request-id'),
        response.getHeader('x-other'),
        response.hasHeader('x-other'),
      );
    });
    for (const era of ERAS) {
      expect((await call(app, 'fine', { era })).headers.get('x-request-id')).toBe('r-1');
      expect(seen.splice(0)).toEqual(['r-1', 'r-1', 'r-1', true, 'r-1', true, undefined, false]);
    }
  });

  it('can be hidden and replaced there, and what is appended joins them in the answer', async () => {
    const seen: unknown[] = [];
    app = await startBehind((response) => {
      response.appendHeader('set-cookie', 'b=2');
      seen.push(response.getHeader('set-cookie'));
      response.removeHeader('x-request-id');
      seen.push(response.hasHeader('x-request-id'), response.getHeaderNames().includes('x-request-id'));
      response.setHeader('x-request-id', 'r-2');
      seen.push(response.getHeader('x-request-id'));
    });
    for (const era of ERAS) {
      const { headers } = await call(app, 'fine', { era });
      expect(seen.splice(0)).toEqual([['a=1', 'b=2'], false, false, 'r-2']);
      expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      expect(headers.get('x-request-id')).toBe('r-2');
    }
  });

  it('are those of before the call: what the answer is sent with is not seen', async () => {
    const seen: unknown[] = [];
    app = await start(
      platform,
      (response) => void seen.push(response.getHeader('x-request-id'), response.getHeader('content-type')),
      {
        configure: (nest) =>
          void nest.use((_request: unknown, response: any, next: () => void) => {
            response.setHeader('x-request-id', 'r-1');
            next();
          }),
      },
    );
    const { headers } = await call(app, 'failLate', { meta: { progressToken: 1 } });
    expect(headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(seen).toEqual(['r-1', undefined]);
  });
});

describe('what the platform keeps on the response', () => {
  it("is there to read: Express's locals", async () => {
    const seen: unknown[] = [];
    app = await start('express', (response) => void seen.push(response.locals, response.app, response.req), {
      configure: (nest) =>
        void nest.use((_request: unknown, response: any, next: () => void) => {
          response.locals.user = 'Ada';
          next();
        }),
    });
    await call(app, 'fail');
    expect(seen).toEqual([{ user: 'Ada' }, expect.any(Function), expect.any(Object)]);
  });

  it("is there to read and to use: Fastify's log", async () => {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    app = await start('fastify', (reply) => void reply.log.error('from the filter'), {
      fastify: { logger: { level: 'error', stream } },
    });
    await call(app, 'fail');
    expect(lines.map((line) => JSON.parse(line).msg)).toContain('from the filter');
  });

  it("renders into a callback with Express's views", async () => {
    const views = await mkdtemp(join(tmpdir(), 'views-'));
    try {
      await writeFile(join(views, 'error.txt'), 'said');
      const render = (response: any) =>
        new Promise<void>((done) =>
          response.render('error.txt', {}, (error: unknown, html: string) => {
            response.status(418).send(error ? 'no view' : html);
            done();
          }),
        );
      app = await start('express', render, {
        configure: (nest) => {
          const express = nest.getHttpAdapter().getInstance();
          express.set('views', views);
          express.engine('txt', (_path: string, _options: object, done: (e: null, html: string) => void) =>
            done(null, 'said'),
          );
        },
      });
      expect((await call(app, 'fail')).json.result.content[0].text).toBe('said');
    } finally {
      await rm(views, { recursive: true });
    }
  });
});
