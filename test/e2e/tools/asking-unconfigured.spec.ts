import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpAdapterMissingError, McpContext, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { MemoryLogger, resultOf } from '../nest/calls.js';

const ASKING: Record<string, (ctx: McpContext) => Promise<unknown>> = {
  elicit: (ctx) => ctx.elicit({ message: 'Sure?', schema: { type: 'object', properties: {} } }),
  sample: (ctx) => ctx.sample({ messages: [], maxTokens: 1 }),
  listRoots: (ctx) => ctx.listRoots(),
};

@Injectable()
class AskingTools {
  @McpTool()
  async caught(args: { how: string }, ctx: McpContext) {
    const error: any = await ASKING[args.how]!(ctx).catch((thrown: unknown) => thrown);
    const { name, code, message } = error;
    return { isMissing: error instanceof McpAdapterMissingError, name, code, message };
  }

  @McpTool()
  uncaught(args: { how: string }, ctx: McpContext) {
    return ASKING[args.how]!(ctx);
  }
}

describe('a question to a legacy client of a server without adapters', () => {
  const logger = new MemoryLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot({ logger })], providers: [AskingTools] });
  });
  afterAll(() => app.close());

  const era = 'legacy';

  it.each(Object.keys(ASKING))('rejects, naming the options that are missing: ctx.%s()', async (how) => {
    const { structuredContent } = await resultOf(app, 'caught', { era, args: { how } });
    expect(structuredContent).toEqual({
      isMissing: true,
      name: 'McpAdapterMissingError',
      code: 'MCP_ADAPTER_MISSING',
      message: expect.stringMatching(
        new RegExp(`^ctx\\.${how}\\(\\) .*McpModule\\.forRoot\\(\\).*sessionAdapter.*clientRequestAdapter`),
      ),
    });
  });

  it('is told to the log, not to the client', async () => {
    logger.lines.length = 0;
    const { isError, content } = await resultOf(app, 'uncaught', {
      era,
      args: { how: 'elicit' },
    });
    expect(isError).toBe(true);
    expect(content[0].text).toMatch(/^Internal error \(reference /);
    expect(logger.of('error')[0]).toContain('clientRequestAdapter');
  });
});
