import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Catch,
  ClassSerializerInterceptor,
  HttpException,
  NotFoundException,
  type ArgumentsHost,
  type CallHandler,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { inputRequired, McpError, McpModule, type McpContext } from 'nestjs-mcp-adapters';
import { catchError, EMPTY, map, of, throwError, type Observable } from 'rxjs';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { SessionClient, toolCall } from '../../support/session-client.js';
import { startSessions, textOf, toolsOf, until } from '../sessions/fixture.js';
import { call, MemoryLogger } from './calls.js';

/** The filter of Nest's own documentation. */
@Catch()
class CatchEverything implements ExceptionFilter {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.adapterHost;
    const status = exception instanceof HttpException ? exception.getStatus() : 500;
    const body = { statusCode: status, timestamp: 'now', path: '/mcp' };
    httpAdapter.reply(host.switchToHttp().getResponse(), body, status);
  }
}

@Catch()
class Extended extends BaseExceptionFilter {}

@Catch()
class ByHand implements ExceptionFilter {
  catch(_exception: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse();
    response.header('x-failed', '1').status(500).send({ message: 'handled' });
  }
}

@Catch()
class OnNode implements ExceptionFilter {
  catch(_exception: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse();
    const { raw = response } = response;
    raw.statusCode = 500;
    raw.setHeader('content-type', 'application/json');
    raw.write('{"message":');
    raw.end('"handled"}');
  }
}

const FILTERS = { CatchEverything, Extended, ByHand, OnNode };
const SAID: Record<keyof typeof FILTERS, string> = {
  CatchEverything: 'Internal Server Error',
  Extended: 'Internal server error',
  ByHand: 'handled',
  OnNode: 'handled',
};

const ends = (ctx: McpContext) =>
  new Promise<never>((_resolve, reject) => {
    ctx.signal.addEventListener('abort', () => reject(new Error('gave up')));
  });

const tools = {
  fail: () => {
    throw new Error('secret');
  },
  refuse: () => {
    throw new NotFoundException('No such city');
  },
  failLate: async (ctx: McpContext) => {
    await ctx.progress(1);
    throw new Error('secret');
  },
  wait: async (ctx: McpContext) => {
    await ctx.progress(1);
    await ends(ctx);
  },
  fine: () => 'fine',
  refuseByCode: () => {
    throw new McpError(-32602, 'Not on a Sunday');
  },
  askNobody: (ctx: McpContext) =>
    ctx.elicit({ message: 'Go on?', schema: { type: 'object', properties: {} } }),
};

let app: TestApp;
let fatal: ReturnType<typeof watch>;
const watch = () => {
  const seen: unknown[] = [];
  const keep = (error: unknown) => void seen.push(error);
  process.on('uncaughtException', keep).on('unhandledRejection', keep);
  return { seen, end: () => process.off('uncaughtException', keep).off('unhandledRejection', keep) };
};
beforeEach(() => {
  fatal = watch();
});
afterEach(async () => {
  await app.close();
  fatal.end();
  expect(fatal.seen).toEqual([]);
});

it.each(PLATFORMS)(
  'leaves errors of the library what they are if it answers 500 alone, on %s',
  async (platform) => {
    app = await startSessions({
      platform,
      tools,
      providers: [{ provide: APP_FILTER, useClass: CatchEverything }],
    });
    const coded = await call(app, 'refuseByCode');
    expect(coded.json.error).toEqual({ code: -32602, message: 'Not on a Sunday' });
    const asked = await call(app, 'askNobody');
    expect(asked.status).toBe(400);
    expect(asked.json.error.code).toBe(-32021);
  },
);

it('logs what a server is missing, although a filter answers 500 alone', async () => {
  const logger = new MemoryLogger();
  app = await startApp({
    imports: [McpModule.forRoot({ logger })],
    providers: [toolsOf(tools), { provide: APP_FILTER, useClass: CatchEverything }],
  });
  const { result } = (await call(app, 'askNobody', { era: 'legacy' })).json;
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^Internal error \(reference /) }],
  });
  expect(logger.of('error')).toHaveLength(1);
});

describe.each(PLATFORMS)('a filter that answers the HTTP response, on %s', (platform) => {
  describe.each(Object.keys(FILTERS) as (keyof typeof FILTERS)[])('%s', (name) => {
    const start = () =>
      startSessions({
        platform,
        tools,
        mcp: { shutdownGraceMs: 0 },
        providers: [{ provide: APP_FILTER, useClass: FILTERS[name] }],
      });

    it('decides about the error of the call, as JSON, in a stream and in a batch', async () => {
      app = await start();
      const client = await SessionClient.open(app, { version: '2025-03-26' });
      for (const version of ['legacy', 'modern'] as const) {
        const stateless = await (version === 'modern'
          ? call(app, 'fail', { era: 'modern' })
          : client.call('fail'));
        expect(stateless.status).toBe(200);
        expect(stateless.headers.get('content-type')).toMatch(/^application\/json/);
        expect(stateless.json.result).toMatchObject({ isError: true, content: [{ text: SAID[name] }] });
      }

      const stream = client.begin('failLate', {}, { id: 'late', progressToken: 1 });
      expect(textOf(await stream.message(({ id }) => id === 'late'))).toBe(SAID[name]);
      await stream.closed;
      expect(stream.messages.map(({ method, id }) => method ?? id)).toEqual([
        'notifications/progress',
        'late',
      ]);

      const batch = await client.post([
        toolCall('fine', {}, { id: 1 }),
        toolCall('fail', {}, { id: 2 }),
        toolCall('fine', {}, { id: 3 }),
        legacy('ping', undefined, 4),
      ]);
      const answers = [...batch.json].sort((a, b) => a.id - b.id);
      expect(answers.map(({ result }) => result.content?.[0].text)).toEqual([
        'fine',
        SAID[name],
        'fine',
        undefined,
      ]);
    });

    it('does no harm to a call that its client cancels', async () => {
      app = await start();
      const client = await SessionClient.open(app);
      for (const progressToken of [1, undefined]) {
        const running = client.begin('wait', {}, { id: 'x', ...(progressToken && { progressToken }) });
        if (progressToken) await running.message(({ method }) => method === 'notifications/progress');
        else await until(async () => (await client.request('ping')).status === 200);
        expect((await client.notify('notifications/cancelled', { requestId: 'x' })).status).toBe(202);
        await running.closed;
        expect(running.status === 0 || running.status < 400).toBe(true);
        expect(running.text).not.toContain('statusCode');
      }
      expect((await client.call('fine')).status).toBe(200);
    });
  });
});

describe.each(PLATFORMS)('one failure, on %s', (platform) => {
  const start = (logger: MemoryLogger, providers: object[] = []) =>
    startSessions({
      platform,
      tools: {
        ...tools,
        waitNatively: async (ctx: McpContext) => {
          await ctx.progress(1);
          const { setTimeout: delay } = await import('node:timers/promises');
          await delay(60_000, undefined, { signal: ctx.signal });
        },
      },
      mcp: { logger, shutdownGraceMs: 0 },
      nest: { logger },
      providers: providers as never,
    });

  it.each(['none', 'silent', 'async silent'])('is one line of the log, with filters: %s', async (kind) => {
    @Catch()
    class Silent implements ExceptionFilter {
      catch() {}
    }
    @Catch()
    class AsyncSilent implements ExceptionFilter {
      async catch() {}
    }
    const filter = { none: [], silent: [Silent], 'async silent': [AsyncSilent] }[kind] ?? [];
    const logger = new MemoryLogger();
    app = await start(
      logger,
      filter.map((useClass) => ({ provide: APP_FILTER, useClass })),
    );
    await call(app, 'fail', { era: 'modern' });
    expect(logger.of('error')).toHaveLength(1);
    expect(logger.of('error')[0]).toContain('secret');
    await call(app, 'refuse', { era: 'modern' });
    expect([...logger.of('error'), ...logger.of('warn')]).toHaveLength(1);
  });

  it.each(['wait', 'waitNatively'])('is none where the client has cancelled the call (%s)', async (tool) => {
    const logger = new MemoryLogger();
    app = await start(logger);
    const client = await SessionClient.open(app);
    const running = client.begin(tool, {}, { id: 'x', progressToken: 1 });
    await running.message(({ method }) => method === 'notifications/progress');
    await client.notify('notifications/cancelled', { requestId: 'x' });
    await running.closed;
    await until(() => logger.of('debug').some((line) => line.includes('stopped after its cancellation')));
    expect([...logger.of('error'), ...logger.of('warn')]).toEqual([]);
  });
});

describe.each(PLATFORMS)('a filter that gives an Observable, on %s', (platform) => {
  const GIVEN: Record<string, () => Observable<unknown>> = {
    'an error': () => throwError(() => new NotFoundException('Not here')),
    'a text': () => throwError(() => 'Said by the filter'),
    'an object': () => throwError(() => ({ status: 'error', message: 'Said by the filter' })),
    'an emitted text': () => of('Said by the filter'),
    'an emitted object': () => of({ status: 'error', message: 'Said by the filter' }),
    nothing: () => EMPTY,
    'an emitted null': () => of(null),
    'a result': () => of({ content: [{ type: 'text', text: 'Come back later' }], isError: true }),
  };

  it.each([
    ['an error', 'Not here'],
    ['a text', 'Said by the filter'],
    ['an object', 'Said by the filter'],
    ['an emitted text', 'Said by the filter'],
    ['an emitted object', 'Said by the filter'],
    ['nothing', 'No such city'],
    ['an emitted null', 'No such city'],
    ['a result', 'Come back later'],
  ])('with %s', async (what, text) => {
    @Catch()
    class Filter implements ExceptionFilter {
      catch() {
        return GIVEN[what]?.();
      }
    }
    app = await startSessions({ platform, tools, providers: [{ provide: APP_FILTER, useClass: Filter }] });
    for (const era of ['legacy', 'modern'] as const) {
      const client = await SessionClient.open(app);
      const { json } = era === 'legacy' ? await client.call('refuse') : await call(app, 'refuse', { era });
      expect(json.result).toMatchObject({ isError: true, content: [{ text }] });
    }
  });
});

class Wrapping implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((data: unknown) => ({ data: { ...(data as object) } })));
  }
}
class Mapping implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(catchError(() => throwError(() => new Error('mapped'))));
  }
}

const INTERCEPTORS = [
  ['ClassSerializerInterceptor', ClassSerializerInterceptor],
  ['an interceptor that wraps results', Wrapping],
  ['an interceptor that maps errors', Mapping],
] as const;

describe.each(
  PLATFORMS.flatMap((platform) => INTERCEPTORS.map(([name, type]) => [name, platform, type] as const)),
)('behind %s, on %s', (_name, platform, interceptor) => {
  beforeEach(async () => {
    app = await startSessions({
      platform,
      tools: {
        ask: () => inputRequired({ requestState: 'card=4111' }),
        askLater: async () => inputRequired({ requestState: 'card=4111' }),
        askObservable: () => of(inputRequired({ requestState: 'card=4111' })),
        missing: () => new NotFoundException('No such city'),
        missingLater: async () => new NotFoundException('No such city'),
      },
      providers: [{ provide: APP_INTERCEPTOR, useClass: interceptor }],
    });
  });

  it.each(['ask', 'askLater', 'askObservable'])(
    'a question stays a question, and its state sealed: %s',
    async (name) => {
      const { json, text } = await call(app, name, { era: 'modern' });
      expect(json.result.resultType).toBe('input_required');
      expect(text).not.toContain('4111');
    },
  );

  it.each(['missing', 'missingLater'])('an exception that is returned is an error: %s', async (name) => {
    const { json } = await call(app, name, { era: 'modern' });
    expect(json.result.isError).toBe(true);
    if (interceptor !== Mapping) expect(textOf(json)).toBe('No such city');
  });
});
