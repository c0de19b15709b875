import { afterEach, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import {
  getMcpToken,
  InMemorySessionAdapter,
  McpModule,
  McpRegistry,
  SessionAdapter,
  StreamableHttpTransport,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';

let app: TestApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

@Injectable()
class Both {
  constructor(
    @Inject(getMcpToken(McpRegistry, 'shop')) readonly shop: McpRegistry,
    @Inject(getMcpToken(McpRegistry, 'admin')) readonly admin: McpRegistry,
    @Inject(getMcpToken(SessionAdapter, 'admin')) readonly adapter: SessionAdapter,
    @Inject(getMcpToken(StreamableHttpTransport, 'shop')) readonly transport: StreamableHttpTransport,
  ) {}
}

const SHOP: McpModuleOptions = { name: 'shop', path: '/shop' };
const ADMIN: McpModuleOptions = { name: 'admin', path: '/admin' };
const sessionAdapter = () => new InMemorySessionAdapter();

describe.each([
  ['forRoot', () => McpModule.forRoot({ ...ADMIN, sessionAdapter: sessionAdapter() })],
  [
    'forRootAsync with the name beside the factory',
    () =>
      McpModule.forRootAsync({
        name: 'admin',
        useFactory: () => ({ path: '/admin', sessionAdapter: sessionAdapter() }),
      }),
  ],
  [
    'forRootAsync with the name in both places',
    () =>
      McpModule.forRootAsync({
        name: 'admin',
        useFactory: () => ({ ...ADMIN, sessionAdapter: sessionAdapter() }),
      }),
  ],
])('getMcpToken(), where a server is made by %s,', (_way, admin) => {
  it('injects the providers of the server that is named', async () => {
    @Module({ imports: [McpModule.forRoot(SHOP), admin()], providers: [Both] })
    class BothModule {}
    app = await startApp({ imports: [BothModule] });
    const both = app.app.get(Both, { strict: false });
    expect(both.shop).toBeInstanceOf(McpRegistry);
    expect(both.admin).toBeInstanceOf(McpRegistry);
    expect(both.admin).not.toBe(both.shop);
    expect(both.adapter).toBeInstanceOf(InMemorySessionAdapter);
    expect(both.transport.stats()).toMatchObject({ sessions: 0 });

    await both.shop.addTool({ name: 'buy' }, () => 'bought');
    const names = async (path: string) => {
      const answer = await fetch(`${app?.url.replace(/\/mcp$/, '')}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: INITIALIZE }),
      });
      return ((await answer.text()).match(/"tools"/) ?? []).length;
    };
    expect([await names('/shop'), await names('/admin')]).toEqual([1, 0]);
  });
});

const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'c', version: '1' },
};

it('is refused at the start when a factory says another name', async () => {
  const imports = [McpModule.forRootAsync({ name: 'admin', useFactory: () => SHOP })];
  await expect(startApp({ imports })).rejects.toThrow(
    'McpModule option name: the factory says "shop", and forRootAsync() "admin"',
  );
});
