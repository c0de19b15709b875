import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { InMemorySessionAdapter, McpContext, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { call, resultOf } from '../nest/calls.js';

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;

@Injectable()
class LogTools {
  @McpTool()
  async all(_args: object, ctx: McpContext) {
    const { log } = ctx;
    for (const level of LEVELS) await log[level](`at ${level}`, 'weather');
    return 'done';
  }

  @McpTool()
  async data(_args: object, ctx: McpContext) {
    await ctx.log.info({ city: 'Graz', degrees: 3 });
    await ctx.log.info(undefined);
    return 'done';
  }
}

describe('log messages to the client', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot()], providers: [LogTools] });
  });
  afterAll(() => app.close());

  const levelsOf = async (logLevel?: string) => {
    const meta = logLevel === undefined ? {} : { 'io.modelcontextprotocol/logLevel': logLevel };
    const { messages } = await call(app, 'all', { meta });
    return messages.slice(0, -1).map(({ params }) => params.level);
  };

  it.each(LEVELS.map((level, index) => [level, LEVELS.slice(index)] as const))(
    'from %s upwards are sent to a modern client that asks for them',
    async (level, expected) => {
      expect(await levelsOf(level)).toEqual(expected);
    },
  );

  it('are not sent to a modern client that does not ask', async () => {
    expect(await levelsOf()).toEqual([]);
  });

  it('carry any JSON and the name of a logger', async () => {
    const meta = { 'io.modelcontextprotocol/logLevel': 'info' };
    const data = await call(app, 'data', { meta });
    expect(data.messages.slice(0, -1).map(({ params }) => params)).toEqual([
      { level: 'info', data: { city: 'Graz', degrees: 3 } },
      { level: 'info', data: null },
    ]);
    const all = await call(app, 'all', { meta });
    expect(all.messages[0]).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: 'info', logger: 'weather', data: 'at info' },
    });
  });

  it('are never sent to a legacy client without a session', async () => {
    const set = await app.post(legacy('logging/setLevel', { level: 'debug' }));
    expect(set.json.result).toEqual({});
    const answer = await call(app, 'all', { era: 'legacy' });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect((await resultOf(app, 'all', { era: 'legacy' })).content[0].text).toBe('done');
  });

  it('are a capability of servers that can deliver them', async () => {
    const initialize = legacy('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1.0.0' },
    });
    const sessions = await startApp({
      imports: [McpModule.forRoot({ sessionAdapter: new InMemorySessionAdapter() })],
    });
    const discover = async ({ post }: TestApp) => (await post(...modern('server/discover'))).json.result;
    expect((await discover(app)).capabilities.logging).toEqual({});
    expect((await app.post(initialize)).json.result.capabilities.logging).toBeUndefined();
    expect((await sessions.post(initialize)).json.result.capabilities.logging).toEqual({});
    await sessions.close();
  });
});
