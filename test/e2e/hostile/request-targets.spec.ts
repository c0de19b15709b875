import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpModule, McpTool, TokenVerifier, type Principal } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { exchangeRaw } from '../transport/raw-socket.js';

class OnlyGood extends TokenVerifier {
  verify(token: string): Promise<Principal | undefined> {
    return Promise.resolve(token === 'good' ? { subject: 'alice' } : undefined);
  }
}

@Injectable()
class Tools {
  readonly calls: unknown[] = [];

  @McpTool({ name: 'echo', input: { type: 'object' } })
  echo(args: Record<string, unknown>) {
    this.calls.push(args);
    return 'done';
  }
}

/** Ways to write the path of the endpoint that some router or parser takes for it, and some that none should. */
const TARGETS = [
  ...['/mcp', '/mcp/', '/MCP', '//mcp', '/mcp//', '/./mcp', '/x/../mcp', '/%6dcp', '/mcp%2f', '/mcp%00'],
  ...[
    '/mcp;a=b',
    '/mcp;',
    '/mcp?',
    '/mcp?a=/mcp',
    '/mcp#',
    '/mcp#a',
    '/mcp#?',
    '/mcp\xa0',
    '\\mcp',
    '/mcp\\',
  ],
  ...['http://localhost/mcp', 'HTTP://localhost/mcp?a', 'http://localhost//mcp', 'http://localhost', '*'],
];

const SETUPS = PLATFORMS.flatMap((platform) =>
  (['route', 'direct'] as const).map((mount) => ({ platform, mount, title: `${platform}, mount: ${mount}` })),
);

describe.each(SETUPS)('the targets of requests on $title', ({ platform, mount }) => {
  let app: TestApp;
  let tools: Tools;
  beforeAll(async () => {
    app = await startApp({
      platform,
      wire: false,
      imports: [
        McpModule.forRoot({
          mount,
          publicUrl: 'https://mcp.example',
          auth: { authorizationServers: ['https://id.example'], verifier: new OnlyGood() },
        }),
      ],
      providers: [Tools],
    });
    tools = app.app.get(Tools);
  });
  afterAll(() => app.close());

  const call = (target: string, args: string, authorization = 'Bearer good') => {
    const body = JSON.stringify(legacy('tools/call', { name: 'echo', arguments: 0 })).replace(
      '"arguments":0',
      `"arguments":${args}`,
    );
    const lines = [
      `POST ${target} HTTP/1.1`,
      'Host: localhost',
      'Connection: close',
      'Content-Type: application/json',
      `Authorization: ${authorization}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return exchangeRaw(app.url, { head: `${lines.join('\r\n')}\r\n\r\n`, body });
  };

  it.each(TARGETS)('run nothing without a token: %j', async (target) => {
    tools.calls.length = 0;
    const { status } = await call(target, '{}', 'Bearer bad');
    expect([400, 401, 404]).toContain(status);
    expect(tools.calls).toEqual([]);
  });

  it.each(TARGETS)('let no body in that is nested too deep: %j', async (target) => {
    tools.calls.length = 0;
    const deep = `{"a":${'['.repeat(300)}${']'.repeat(300)}}`;
    const { status } = await call(target, deep);
    expect([400, 404]).toContain(status);
    expect(tools.calls).toEqual([]);
  });

  it('are served as the platform routes them', async () => {
    const served: string[] = [];
    for (const target of TARGETS) if ((await call(target, '{}')).status === 200) served.push(target);
    expect(served).toEqual(expect.arrayContaining(['/mcp', '/mcp?', '/mcp?a=/mcp']));
  });
});
