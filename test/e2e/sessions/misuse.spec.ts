import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { McpContext } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { resultOf } from '../nest/calls.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions } from './fixture.js';

/** Calls as JavaScript can make them. */
const MISUSES: Readonly<Record<string, readonly [(ctx: any) => unknown, string]>> = {
  elicit_nothing: [(ctx) => ctx.elicit(), 'ctx.elicit(): message is missing; it must be a string'],
  elicit_schema: [(ctx) => ctx.elicit({ message: 'Who?' }), 'ctx.elicit(): schema is missing;'],
  elicit_null: [(ctx) => ctx.elicit({ message: 'Who?', schema: null }), 'ctx.elicit(): schema is null;'],
  elicit_text: [(ctx) => ctx.elicit({ message: 'Who?', schema: 'x' }), 'ctx.elicit(): schema is a string;'],
  elicit_message: [(ctx) => ctx.elicit({ schema: {} }), 'ctx.elicit(): message is missing;'],
  elicit_url: [(ctx) => ctx.elicit({ message: 'Pay', url: '/pay' }), 'ctx.elicit(): url is "/pay";'],
  sample_nothing: [(ctx) => ctx.sample(), 'ctx.sample(): messages is missing; it must be a list'],
  sample_tokens: [(ctx) => ctx.sample({ messages: [] }), 'ctx.sample(): maxTokens is missing;'],
  once_key: [(ctx) => ctx.once(() => 1), 'ctx.once(): key is a function;'],
  once_work: [(ctx) => ctx.once('a'), 'ctx.once(): work is missing; it must be a function'],
  progress: [(ctx) => ctx.progress('50%'), 'ctx.progress(): progress is a string; it must be a number'],
};

const scripts = Object.fromEntries(
  Object.entries(MISUSES).map(([name, [misuse]]) => [
    name,
    async (ctx: McpContext) => {
      try {
        await misuse(ctx);
        return 'nothing';
      } catch (error) {
        return (error as Error).message;
      }
    },
  ]),
);

describe.each(PLATFORMS)('a misuse of ctx names the method and what is missing, on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startSessions({ tools: scripts, platform });
  });
  afterAll(() => app.close());

  it.each(Object.entries(MISUSES))('%s', async (name, [, message]) => {
    const capabilities = { elicitation: { form: {}, url: {} }, sampling: {} };
    const modern = await resultOf(app, name, { era: 'modern', capabilities });
    expect(modern.content[0].text).toContain(message);
    const client = await SessionClient.open(app, { capabilities });
    const { json } = await client.request('tools/call', { name, arguments: {} });
    expect(json.result.content[0].text).toContain(message);
  });
});
