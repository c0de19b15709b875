import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import {
  InMemorySessionAdapter,
  InProcessNotificationBus,
  McpModule,
  McpTool,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { serveStdio } from 'nestjs-mcp-adapters/stdio';
import { PassThrough } from 'node:stream';
import { Gate, textOf, until } from '../e2e/sessions/fixture.js';
import { closePipes, modern, startPipe } from './support.js';

afterEach(closePipes);

const FORM = { type: 'object', properties: { name: { type: 'string' } } } as const;
const callTool = (id: number, name: string, params: object = {}) => ({
  id,
  method: 'tools/call',
  params: { name, arguments: {}, ...params },
});

/** A logger that keeps what is reported. */
const recorder = () => {
  const errors: unknown[] = [];
  const silent = () => {};
  return {
    errors,
    logger: { log: silent, warn: silent, debug: silent, error: (text: unknown) => errors.push(text) },
  };
};

describe('at the end of the input', () => {
  it('answers what runs, then closes the application', async () => {
    const gate = new Gate();
    const pipe = await startPipe({ tools: { wait: () => gate.opened.then(() => 'waited') } });
    pipe.send(callTool(1, 'wait'), callTool(2, 'echo'));
    pipe.input.end();
    await pipe.answer(2);
    gate.open();
    await pipe.closed;
    expect(textOf(await pipe.answer(1))).toBe('waited');
  });

  it('gives up what does not end within the grace period, with an error', async () => {
    const pipe = await startPipe({
      mcp: { shutdownGraceMs: 1 },
      tools: { hang: (ctx) => new Promise((_, reject) => ctx.signal.addEventListener('abort', reject)) },
    });
    pipe.send(callTool(1, 'hang'));
    pipe.input.end();
    await pipe.closed;
    expect((await pipe.answer(1)).error).toEqual({ code: -32603, message: 'The server is shutting down' });
  });

  it('tells handlers that nobody answers their questions any more', async () => {
    const { errors, logger } = recorder();
    const asked: unknown[] = [];
    const ask = async (ctx: McpContext) => {
      const options = { message: 'Who?', schema: FORM };
      asked.push(await ctx.elicit(options).catch((error: Error) => error.message));
      asked.push(await ctx.elicit(options).catch((error: Error) => error.message));
      await ctx.elicit(options);
    };
    const pipe = await startPipe({ mcp: { logger }, tools: { ask } });
    await pipe.initialize('2025-11-25', { elicitation: {} });
    pipe.send(callTool(1, 'ask'));
    await pipe.next();
    pipe.input.end();
    await pipe.closed;
    expect(asked).toHaveLength(2);
    expect(asked[0]).toContain('The client has gone');
    expect((await pipe.answer(1)).result.isError).toBe(true);
    expect(errors).toEqual([]);
  });

  it('ends calls that wait for the next request of their client', async () => {
    const gate = new Gate<string>();
    const ask = async (ctx: McpContext) => {
      await ctx.elicit({ message: 'Who?', schema: FORM }).catch((error: Error) => gate.open(error.message));
    };
    const pipe = await startPipe({ tools: { ask } });
    const { result } = await pipe.request(1, 'tools/call', modern({ name: 'ask', arguments: {} }));
    expect(result.resultType).toBe('input_required');
    pipe.input.end();
    await gate.opened;
    await pipe.closed;
  });
});

it('closes when nobody reads its output any more', async () => {
  const pipe = await startPipe();
  pipe.output.destroy();
  await pipe.closed;
  expect(pipe.input.destroyed).toBe(true);
});

it('closes when writing fails', async () => {
  const pipe = await startPipe();
  pipe.output.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  await pipe.closed;
});

it('reports that reading failed, and closes', async () => {
  const { errors, logger } = recorder();
  const pipe = await startPipe({ mcp: { logger } });
  pipe.input.destroy(new Error('read EIO'));
  await pipe.closed;
  expect(errors).toEqual([expect.stringMatching(/^Reading from the client failed.*read EIO/)]);
});

it('ends subscriptions and answers what runs when the application closes', async () => {
  const gate = new Gate();
  const pipe = await startPipe({ tools: { wait: () => gate.opened.then(() => 'waited') } });
  pipe.send({
    id: 1,
    method: 'subscriptions/listen',
    params: modern({ notifications: { toolsListChanged: true } }),
  });
  pipe.send(callTool(2, 'wait'));
  await pipe.next();
  const closing = pipe.app.close();
  expect((await pipe.answer(1)).result.resultType).toBe('complete');
  gate.open();
  await closing;
  expect(textOf(await pipe.answer(2))).toBe('waited');
});

describe('a reader that is slow', () => {
  const TEXT = 'x'.repeat(10_000);

  it('is not heard before it has read', async () => {
    let runs = 0;
    const pipe = await startPipe({
      tools: {
        say: () => {
          runs++;
          return TEXT;
        },
      },
    });
    pipe.output.pause();
    const count = 2000;
    for (let id = 0; id < count; id++) pipe.send(callTool(id, 'say'));
    await until(() => runs > 0);
    // Until nothing happens any more.
    for (let seen = -1; seen !== runs;) {
      seen = runs;
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    }
    expect(runs).toBeLessThan(count / 2);
    pipe.output.resume();
    await until(() => pipe.messages.length === count);
    expect(new Set(pipe.messages.map(({ id }) => id)).size).toBe(count);
  });

  it('misses progress rather than an answer', async () => {
    const count = 5000;
    const pipe = await startPipe({
      mcp: { limits: { bufferedBytesPerStream: 1000 } },
      tools: {
        report: (ctx) => {
          for (let done = 1; done <= count; done++) void ctx.progress(done);
          return 'reported';
        },
      },
    });
    pipe.output.pause();
    pipe.send(callTool(1, 'report', { _meta: { progressToken: 1 } }));
    pipe.send(callTool(2, 'echo'));
    await until(() => pipe.output.readableLength > 0);
    pipe.output.resume();
    await pipe.answer(1);
    await pipe.answer(2);
    expect(pipe.messages.length).toBeGreaterThan(3);
    expect(pipe.messages.length).toBeLessThan(count);
  });
});

describe('an application', () => {
  it('is asked as an MCP call without a request, by whoever was named', async () => {
    const seen: unknown[] = [];
    class Guard implements CanActivate {
      canActivate(context: ExecutionContext) {
        const http = context.switchToHttp();
        seen.push(context.getType(), http.getRequest(), http.getResponse());
        return true;
      }
    }
    @Injectable()
    class Guarded {
      @UseGuards(Guard)
      @McpTool({ input: { type: 'object' } })
      who(_args: unknown, ctx: McpContext) {
        seen.push(ctx.http, ctx.principal);
      }
    }
    const principal = { subject: 'ada' };
    const pipe = await startPipe({ providers: [Guarded], serve: { principal } });
    expect((await pipe.request(1, 'tools/call', { name: 'who' })).result.isError).toBeUndefined();
    expect(seen).toEqual(['mcp', undefined, undefined, undefined, principal]);
  });

  it('is built without HTTP: only the pipe hears of changes', async () => {
    let subscriptions = 0;
    class CountingBus extends InProcessNotificationBus {
      override subscribe(...args: Parameters<InProcessNotificationBus['subscribe']>) {
        subscriptions++;
        return super.subscribe(...args);
      }
    }
    await startPipe({
      mcp: { notificationBus: new CountingBus(), sessionAdapter: new InMemorySessionAdapter() },
    });
    await until(() => subscriptions === 2);
  });

  const servers = (names: readonly (string | undefined)[]) => {
    @Injectable()
    class Tools {
      @McpTool({ input: { type: 'object' } })
      tool() {
        return 'called';
      }
    }
    class Servers {}
    Module({
      imports: names.map((name) =>
        McpModule.forRoot({
          path: `/${name}`,
          serverInfo: { name: String(name), version: '1' },
          ...(name !== undefined && { name }),
        }),
      ),
      providers: [Tools],
    })(Servers);
    return Servers;
  };
  const serve = (names: readonly (string | undefined)[], name?: string) => {
    const input = new PassThrough();
    const output = new PassThrough();
    const options = { input, output, logger: false as const, ...(name !== undefined && { name }) };
    return { input, output, app: serveStdio(servers(names), options) };
  };

  it.each([
    [['one'], undefined, 'one'],
    [['one', 'two'], 'two', 'two'],
    [['one', undefined], undefined, 'undefined'],
  ])('with the servers %s, asked for %s, serves %s', async (names, name, expected) => {
    const { input, output, app } = serve(names, name);
    await app;
    input.write(
      `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'server/discover', params: modern() })}\n`,
    );
    const [text] = (await new Promise((resolve) => output.once('data', resolve)).then(String)).split('\n');
    const { _meta: meta } = JSON.parse(text as string).result;
    expect(meta['io.modelcontextprotocol/serverInfo'].name).toBe(expected);
    await (await app).close();
  });

  it.each([
    [[], undefined, /has no MCP server; import McpModule.forRoot\(\)/],
    [['one', 'two'], undefined, /there is no server without a name, only one, two/],
    [['one', 'two'], 'three', /there is no server "three", only one, two/],
    [['one', undefined], 'three', /there is no server "three", only one, one without a name/],
  ])('with the servers %s, asked for %s, does not start', async (names, name, message) => {
    await expect(serve(names, name).app).rejects.toThrow(message);
  });
});
