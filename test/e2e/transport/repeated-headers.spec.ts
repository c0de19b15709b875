import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { Injectable } from '@nestjs/common';
import { startApp, type TestApp } from '../../support/app.js';
import { legacy, modern, send } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { PLACES } from './fixture.js';

@Injectable()
class Tools {
  @McpTool({
    name: 'region',
    input: {
      type: 'object',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
    },
  })
  region({ region }: { region: string }) {
    return region;
  }
}

describe.each(PLACES)('headers that may be sent once on $title', ({ platform, mount }) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [McpModule.forRoot({ mount, sessionAdapter: new InMemorySessionAdapter() })],
      providers: [Tools],
    });
  });
  afterAll(() => app.close());

  /** Sends a request with more lines of headers, each on its own. */
  const post = (body: unknown, headers: Record<string, string>, ...more: [string, string][]) => {
    const lines = [...Object.entries({ 'content-type': 'application/json', ...headers }), ...more];
    const host = new URL(app.url).host;
    return send(app.url, { headers: ['host', host, ...lines.flat()], body: JSON.stringify(body) });
  };
  const without = (headers: Record<string, string>, name: string) =>
    Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));

  it('refuses two names that look like the one of the body, which may be sent as one', async () => {
    const [body, headers] = modern('tools/call', { name: 'a, b' }, { id: 'x' });
    const twice = await post(body, without(headers, 'mcp-name'), ['Mcp-Name', 'a'], ['mcp-name', 'b']);
    expect([twice.status, twice.json.id, twice.json.error.code]).toEqual([400, 'x', -32020]);
    expect(twice.json.error.message).toContain('Mcp-Name');
    // There is no such tool, which is found out behind the headers.
    expect((await post(body, headers)).json.error.code).toBe(-32602);
  });

  it('refuses mirrored parameters that were sent twice, and takes a comma in one', async () => {
    const call = (region: string) =>
      modern('tools/call', { name: 'region', arguments: { region } }, { id: 'x' });
    const [body, headers] = call('eu, us');
    const twice = await post(body, headers, ['Mcp-Param-Region', 'eu'], ['MCP-PARAM-REGION', 'us']);
    expect([twice.status, twice.json.id, twice.json.error.code]).toEqual([400, 'x', -32020]);
    const once = await post(body, headers, ['Mcp-Param-Region', 'eu, us']);
    expect(once.json.result.content[0].text).toBe('eu, us');
    const foreign = await post(
      ...call('eu'),
      ['Mcp-Param-Region', 'eu'],
      ['mcp-param-x', '1'],
      ['mcp-param-x', '2'],
    );
    expect(foreign.status).toBe(400);
  });

  it.each(['mcp-method', 'mcp-protocol-version'])(
    'refuses %s sent twice, even with one value',
    async (name) => {
      const [body, headers] = modern('tools/list', {}, { id: 'x' });
      const answer = await post(body, headers, [name, String(headers[name])]);
      expect([answer.status, answer.json.id, answer.json.error.code]).toEqual([400, 'x', -32020]);
    },
  );

  it('finds no session that is named twice, with and without a body', async () => {
    const client = await SessionClient.open(app);
    const again: [string, string] = ['mcp-session-id', client.id];
    const answer = await post(legacy('ping', {}, 'x'), { ...client.headers }, again);
    expect([answer.status, answer.json.id]).toEqual([404, 'x']);
    for (const method of ['GET', 'DELETE']) {
      const headers = ['host', new URL(app.url).host, ...Object.entries(client.headers).flat(), ...again];
      expect((await send(app.url, { method, headers })).status).toBe(404);
    }
    expect((await client.request('ping')).json.result).toEqual({});
  });

  it('takes headers that may be sent on several lines', async () => {
    const [body, headers] = modern('tools/list');
    const answer = await post(
      body,
      without(headers, 'accept'),
      ['accept', 'application/json'],
      ['accept', 'text/event-stream'],
      ['x-forwarded-for', '1.1.1.1'],
      ['x-forwarded-for', '2.2.2.2'],
    );
    expect(answer.status).toBe(200);
  });
});
