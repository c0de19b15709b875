import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import {
  InMemorySessionAdapter,
  McpModule,
  McpRegistry,
  McpResource,
  StreamableHttpTransport,
} from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import type { RawExchange } from '../../support/raw-http.js';
import { SessionClient } from '../../support/session-client.js';

@Injectable()
class Weather {
  @McpResource({ name: 'now', uri: 'weather://now' })
  now() {
    return 'sunny';
  }
  @McpResource({ name: 'of', uriTemplate: 'weather://{city}' })
  of() {
    return 'rainy';
  }
}

const TOOLS_CHANGED = 'notifications/tools/list_changed';
const UPDATED = 'notifications/resources/updated';

async function listen(client: SessionClient): Promise<RawExchange> {
  const stream = client.listen();
  await stream.until(() => stream.events.length > 0);
  return stream;
}

describe.each(PLATFORMS)('an announcement on %s', (platform) => {
  let app: TestApp;
  let registries: McpRegistry[];
  let transports: StreamableHttpTransport[];
  let streams: RawExchange[];

  beforeEach(async () => {
    streams = [];
    const servers = ['one', 'two'].map((name) =>
      McpModule.forRoot({ name, path: `/${name}`, sessionAdapter: new InMemorySessionAdapter() }),
    );
    const features = ['one', 'two'].map((name) => McpModule.forFeature([Weather], name));
    const modules = servers.map((server) => {
      @Module({ imports: [server], exports: [server] })
      class Holder {
        constructor(
          readonly registry: McpRegistry,
          readonly transport: StreamableHttpTransport,
        ) {}
      }
      return Holder;
    });
    app = await startApp({ platform, imports: [...modules, ...features], path: '/one' });
    const holders = modules.map((module) => app.app.get(module));
    registries = holders.map(({ registry }) => registry);
    transports = holders.map(({ transport }) => transport);
  });
  afterEach(async () => {
    for (const stream of streams) stream.cut();
    await app.close();
  });

  const open = (server = 'one') => SessionClient.open({ url: `${app.origin}/${server}` });
  const methods = ({ messages }: RawExchange) => messages.map(({ method }) => method);

  it('is promised to clients that have sessions', async () => {
    const answer = await app.post({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
    });
    const { capabilities } = answer.json.result;
    expect(capabilities.resources).toEqual({ listChanged: true, subscribe: true });
  });

  it('of a changed list reaches every listening session of its server once, and no other', async () => {
    const clients = [await open(), await open(), await open('two')];
    for (const client of clients) streams.push(await listen(client));
    await open();
    await registries[0]?.addTool({ name: 'late' }, () => 'late');
    const [first, second, foreign] = streams as [RawExchange, RawExchange, RawExchange];
    for (const stream of [first, second]) await stream.message(({ method }) => method === TOOLS_CHANGED);
    await registries[1]?.addTool({ name: 'late' }, () => 'late');
    await foreign.message(({ method }) => method === TOOLS_CHANGED);
    for (const client of clients) await client.request('ping');
    expect(streams.map(methods)).toEqual([[TOOLS_CHANGED], [TOOLS_CHANGED], [TOOLS_CHANGED]]);
    expect((await clients[0]?.request('tools/list'))?.json.result.tools).toHaveLength(1);
  });

  it('of a changed resource reaches the sessions that watch it, until they do not', async () => {
    const watcher = await open();
    const other = await open();
    streams = [await listen(watcher), await listen(other)];
    for (const uri of ['weather://now', 'weather://Rome']) {
      expect((await watcher.request('resources/subscribe', { uri })).json.result).toEqual({});
    }
    await other.request('resources/subscribe', { uri: 'weather://Oslo' });
    for (const uri of ['weather://now', 'weather://Rome', 'weather://Oslo', 'weather://now']) {
      await transports[0]?.notifyResourceUpdated(uri);
    }
    const [watching, others] = streams as [RawExchange, RawExchange];
    await watching.until(() => watching.messages.length === 3);
    await others.until(() => others.messages.length === 1);
    await watcher.request('resources/unsubscribe', { uri: 'weather://now' });
    await transports[0]?.notifyResourceUpdated('weather://now');
    await transports[0]?.notifyResourceUpdated('weather://Rome');
    await watching.until(() => watching.messages.length === 4);
    expect(watching.messages.map(({ params }) => params.uri)).toEqual([
      'weather://now',
      'weather://Rome',
      'weather://now',
      'weather://Rome',
    ]);
    expect([...methods(watching), ...methods(others)].every((method) => method === UPDATED)).toBe(true);
  });

  it('of resources watched at the same moment is lost for none of them', async () => {
    const client = await open();
    const stream = await listen(client);
    streams = [stream];
    const uris = ['a', 'b', 'c', 'd', 'e'].map((city) => `weather://${city}`);
    await Promise.all(uris.map((uri) => client.request('resources/subscribe', { uri })));
    for (const uri of uris) await transports[0]?.notifyResourceUpdated(uri);
    await stream.until(() => stream.messages.length === uris.length);
    expect(stream.messages.map(({ params }) => params.uri)).toEqual(uris);
  });

  it('waits for a client that is away for a moment', async () => {
    const client = await open();
    const stream = await listen(client);
    stream.cut();
    await registries[0]?.addTool({ name: 'meanwhile' }, () => 'x');
    const resumed = client.listen(stream.lastEventId);
    streams = [resumed];
    await resumed.message(({ method }) => method === TOOLS_CHANGED);
    expect(methods(resumed)).toEqual([TOOLS_CHANGED]);
  });

  it.each([{}, { uri: 5 }])('needs a URI to watch: %j', async (params) => {
    expect((await (await open()).request('resources/subscribe', params)).json.error.code).toBe(-32602);
  });
});
