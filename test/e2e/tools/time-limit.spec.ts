import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpContext, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { call, ERAS, MemoryLogger, resultOf } from '../nest/calls.js';

const seen: unknown[] = [];
const never = new Promise<never>(() => {});

function abortion(signal: AbortSignal): Promise<Error> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason as Error));
  });
}

@Injectable()
class SlowTools {
  @McpTool({ timeoutMs: 20 })
  async heedful(_args: object, ctx: McpContext) {
    const reason = await abortion(ctx.signal);
    seen.push(ctx.signal.aborted, reason.name, reason.message);
    await ctx.progress(2);
    await ctx.log.emergency('late');
    throw reason;
  }

  @McpTool({ timeoutMs: 20 })
  deaf() {
    return never;
  }

  @McpTool({ timeoutMs: 20 })
  async started(_args: object, ctx: McpContext) {
    await ctx.progress(1);
    await abortion(ctx.signal);
    return 'too late';
  }

  @McpTool({ timeoutMs: 2 ** 31 - 1 })
  async quick(_args: object, ctx: McpContext) {
    return String(ctx.signal.aborted);
  }
}

describe('a tool with timeoutMs', () => {
  const logger = new MemoryLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot({ logger })], providers: [SlowTools] });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    seen.length = 0;
    logger.lines.length = 0;
  });

  describe.each(ERAS)('in the %s era', (era) => {
    it.each(['heedful', 'deaf', 'started'])('answers with a tool error when it is over: %s', async (name) => {
      const result = await resultOf(app, name, { era });
      expect(result).toMatchObject({
        isError: true,
        content: [{ type: 'text', text: `Tool ${name}: timed out after 20 ms` }],
      });
      expect(logger.of('error')).toEqual([]);
    });

    it('aborts its signal, after which nothing reaches the client', async () => {
      const meta = { progressToken: 1, 'io.modelcontextprotocol/logLevel': 'debug' };
      const { messages } = await call(app, 'heedful', { era, meta });
      expect(messages).toHaveLength(1);
      expect(seen).toEqual([true, 'AbortError', 'timed out after 20 ms']);
    });

    it('answers on the stream it has opened', async () => {
      const { messages } = await call(app, 'started', { era, meta: { progressToken: 1 } });
      expect(messages).toMatchObject([{ method: 'notifications/progress' }, { result: { isError: true } }]);
    });

    it('is left alone when it is done in time', async () => {
      expect((await resultOf(app, 'quick', { era })).content[0].text).toBe('false');
    });
  });
});
