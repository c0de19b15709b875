import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  inputRequired,
  McpModule,
  McpTool,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { call, ERAS, type Era } from '../nest/calls.js';
import { SessionClient } from '../../support/session-client.js';

const SEPARATORS = 'a\u2028b\u2029c\u0085d\\u2028';
const question = {
  messages: [{ role: 'user', content: { type: 'text', text: 'hi' } }],
  maxTokens: 1,
  includeContext: 'thisServer',
} as const;

@Injectable()
class Tools {
  @McpTool() async say(_args: object, ctx: McpContext) {
    const totals = [Infinity, -Infinity, NaN, 2];
    for (const [index, total] of totals.entries()) await ctx.progress(index, total, SEPARATORS);
    return { [SEPARATORS]: SEPARATORS };
  }

  @McpTool() async ask(_args: object, ctx: McpContext) {
    return (await ctx.sample(question)).model;
  }

  @McpTool() askOnce() {
    return inputRequired({ inputRequests: { q: { method: 'sampling/createMessage', params: question } } });
  }
}

describe.each(PLATFORMS)('on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [
        McpModule.forRoot({
          sessionAdapter: new InMemorySessionAdapter(),
          clientRequestAdapter: new InMemoryClientRequestAdapter(),
        }),
      ],
      providers: [Tools],
    });
  });
  afterAll(() => app.close());

  const say = async (era: Era) => {
    if (era === 'modern') return call(app, 'say', { era, meta: { progressToken: 't' } });
    return (await SessionClient.open(app)).call('say', {}, { progressToken: 't' });
  };

  it.each(ERAS)('what some take for the end of a line is escaped in a stream: %s', async (era) => {
    const { text, headers, json, messages } = await say(era);
    expect(headers.get('content-type')).toContain('text/event-stream');
    expect(text).not.toMatch(/[\u0085\u2028\u2029]/);
    expect(json.result.structuredContent).toEqual({ [SEPARATORS]: SEPARATORS });
    expect(messages[0].params.message).toBe(SEPARATORS);
  });

  it.each(ERAS)('a total that is no finite number is left out of progress: %s', async (era) => {
    const { messages } = await say(era);
    const totals = messages.slice(0, -1).map(({ params }) => ('total' in params ? params.total : 'none'));
    expect(totals).toEqual(['none', 'none', 'none', 2]);
  });

  it('includeContext goes only to clients that declared to know it', async () => {
    const asked = async (sampling: object) => {
      const client = await SessionClient.open(app, { capabilities: { sampling } });
      const exchange = client.begin('ask');
      const message = await exchange.message(({ method }) => method === 'sampling/createMessage');
      await client.answer(message, { model: 'm', role: 'assistant', content: { type: 'text', text: 'x' } });
      await exchange.closed;
      return message.params;
    };
    expect(await asked({})).not.toHaveProperty('includeContext');
    expect(await asked({ context: {} })).toHaveProperty('includeContext', 'thisServer');

    for (const name of ['ask', 'askOnce']) {
      const requested = async (sampling: object) =>
        Object.values<any>(
          (await call(app, name, { capabilities: { sampling } })).json.result.inputRequests,
        )[0];
      expect((await requested({})).params).not.toHaveProperty('includeContext');
      expect((await requested({ context: {} })).params).toHaveProperty('includeContext', 'thisServer');
    }
  });

  it.each(ERAS)('a completion is an unknown method where nothing has completers: %s', async (era) => {
    const params = { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'a', value: '' } };
    if (era === 'legacy') {
      const client = await SessionClient.open(app);
      expect((await client.post(legacy('completion/complete', params))).json.error.code).toBe(-32601);
    } else {
      const { status, json } = await app.post(...modern('completion/complete', params));
      expect({ status, code: json.error.code }).toEqual({ status: 404, code: -32601 });
    }
  });
});
