import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpContext, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { call, ERAS, type CallOptions } from '../nest/calls.js';

let afterwards: (() => Promise<void>) | undefined;

/** Lets what a handler left behind run while its result is being checked. */
const slowOutput = z.object({ done: z.boolean() }).refine(async () => {
  await afterwards!();
  return true;
});

@Injectable()
class ProgressTools {
  @McpTool()
  async report(args: { values: number[] }, ctx: McpContext) {
    for (const value of args.values) await ctx.progress(value, 10, `step ${value}`);
    return 'done';
  }

  @McpTool()
  async odd(_args: object, ctx: McpContext) {
    await ctx.progress(NaN);
    await ctx.progress(-Infinity);
    await ctx.progress(-1);
    await ctx.progress(Infinity);
    await ctx.progress(0.5);
    throw new Error('broken');
  }

  @McpTool()
  async forgetful(_args: object, ctx: McpContext) {
    afterwards = async () => {
      await ctx.progress(2);
      await ctx.log.emergency('late');
    };
    await ctx.progress(1);
    return 'done';
  }

  @McpTool({ output: slowOutput })
  async unfinished(_args: object, ctx: McpContext) {
    afterwards = () => ctx.progress(2);
    await ctx.progress(1);
    return { done: true };
  }

  @McpTool()
  async careless(_args: object, ctx: McpContext) {
    void ctx.progress(1);
    void ctx.progress(2);
    return 'done';
  }
}

describe.each(PLATFORMS)('progress on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [ProgressTools] });
  });
  afterAll(() => app.close());

  describe.each(ERAS)('in the %s era', (era) => {
    const messagesOf = async (name: string, options: CallOptions) =>
      (await call(app, name, { era, ...options })).messages;

    it.each(['token', 7])('goes out under the token %j, before the result', async (progressToken) => {
      const messages = await messagesOf('report', { args: { values: [1, 2.5] }, meta: { progressToken } });
      expect(messages).toMatchObject([
        {
          method: 'notifications/progress',
          params: { progressToken, progress: 1, total: 10, message: 'step 1' },
        },
        { method: 'notifications/progress', params: { progressToken, progress: 2.5 } },
        { result: { content: [{ text: 'done' }] } },
      ]);
    });

    it('rises: what does not is dropped', async () => {
      const messages = await messagesOf('report', {
        args: { values: [1, 1, 3, 2, 3, 4] },
        meta: { progressToken: 1 },
      });
      const values = messages.slice(0, -1).map(({ params }) => params.progress);
      expect(values).toEqual([1, 3, 4]);
    });

    it('is a finite number, and comes before the error of a handler that fails', async () => {
      const messages = await messagesOf('odd', { meta: { progressToken: 1 } });
      expect(messages.slice(0, -1).map(({ params }) => params.progress)).toEqual([-1, 0.5]);
      expect(messages.at(-1).result.isError).toBe(true);
    });

    it('is not reported without a token, and the answer stays JSON', async () => {
      const answer = await call(app, 'report', { era, args: { values: [1, 2] } });
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(answer.messages).toHaveLength(1);
    });

    it('needs not be waited for', async () => {
      const messages = await messagesOf('careless', { meta: { progressToken: 1 } });
      expect(messages.map(({ params }) => params?.progress)).toEqual([1, 2, undefined]);
    });

    it('goes nowhere once the handler is done', async () => {
      const messages = await messagesOf('forgetful', { meta: { progressToken: 1 } });
      await afterwards!();
      expect(messages).toHaveLength(2);
      expect((await messagesOf('report', { args: { values: [] } })).length).toBe(1);
    });

    it('goes nowhere while the result of the handler is checked', async () => {
      const messages = await messagesOf('unfinished', { meta: { progressToken: 1 } });
      expect(messages.map(({ params }) => params?.progress)).toEqual([1, undefined]);
      expect(messages.at(-1).result.structuredContent).toEqual({ done: true });
    });

    it('is refused with a token of another type', async () => {
      const { json } = await call(app, 'report', { era, args: { values: [] }, meta: { progressToken: {} } });
      expect(json.error.code).toBe(-32602);
    });
  });
});
