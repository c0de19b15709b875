import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  InMemorySessionAdapter,
  McpModule,
  McpResource,
  StreamableHttpTransport,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type Platform, type TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import type { RawExchange } from '../../support/raw-http.js';
import { ERAS, MemoryLogger, type Era } from '../nest/calls.js';
import { SessionClient } from '../../support/session-client.js';
import { heardBy, listen } from '../subscriptions/fixture.js';

let isSecretShown = true;

@Injectable()
class Docs {
  @McpResource({ uriTemplate: 'docs://café/{name}', complete: { name: () => ['menu'] } })
  page({ name }: { name: string }) {
    return name;
  }

  @McpResource({ uri: 'docs://caf%c3%a9/~index' }) index() {
    return 'index';
  }

  @McpResource({ uri: 'docs://last' }) last() {
    return '';
  }

  @McpResource({ uri: 'docs://secret', visible: () => isSecretShown }) secret() {
    return '';
  }

  @McpResource({ uriTemplate: 'docs://kinds/{kind}' })
  kinds({ kind }: { kind: string }, _ctx: McpContext, uri: string) {
    if (kind === 'extra') return { uri, type: 'text', text: 'a', _meta: { 'example.com/a': 1 } };
    if (kind === 'list') return { contents: [{ name: 'a.bin', blob: new Uint8Array([1]) }] };
    if (kind === 'value') return { text: 'a', author: 'b' };
    if (kind === 'set') return new Set([1]);
    return new Response('x');
  }
}

let app: TestApp;
let streams: RawExchange[] = [];
const logger = new MemoryLogger();

async function start(platform: Platform): Promise<StreamableHttpTransport> {
  app = await startApp({
    platform,
    wire: 'server',
    imports: [McpModule.forRoot({ sessionAdapter: new InMemorySessionAdapter(), logger })],
    providers: [Docs],
  });
  return app.app.get(StreamableHttpTransport, { strict: false });
}

async function ask(era: Era, method: string, params: Record<string, unknown>): Promise<any> {
  if (era === 'legacy') return (await (await SessionClient.open(app)).request(method, params)).json;
  const [body, headers] = modern(method, params);
  return (await app.post(body, headers)).json;
}

afterEach(async () => {
  for (const stream of streams) stream.cut();
  streams = [];
  isSecretShown = true;
  logger.lines.splice(0);
  await app.close();
});

describe.each(PLATFORMS)('on %s', (platform) => {
  describe.each(ERAS)('in the %s era', (era) => {
    it('a resource is read by any URI that is equivalent to its own, and answered by that', async () => {
      await start(platform);
      const read = async (uri: string) => (await ask(era, 'resources/read', { uri })).result?.contents;
      for (const uri of [
        'docs://caf%C3%A9/menu',
        'docs://caf%c3%a9/menu',
        'DOCS://caf%C3%A9/m%65nu',
        'docs://%63af%C3%A9/menu',
      ]) {
        expect(await read(uri)).toEqual([{ uri, text: 'menu' }]);
      }
      for (const uri of [
        'docs://caf%C3%A9/~index',
        'docs://caf%C3%A9/%7Eindex',
        'docs://caf%c3%a9/%7eindex',
      ]) {
        expect(await read(uri)).toEqual([{ uri, text: 'index' }]);
      }
      expect(await read('docs://CAF%C3%A9/menu')).toBeUndefined();
      expect(await read('docs://caf%C3%A9%2Fmenu')).toBeUndefined();
    });

    it('a template is completed by any text that is equivalent to its own', async () => {
      await start(platform);
      for (const uri of ['docs://café/{name}', 'docs://caf%C3%A9/{name}', 'docs://%63af%c3%a9/{name}']) {
        const ref = { type: 'ref/resource', uri };
        const { result } = await ask(era, 'completion/complete', {
          ref,
          argument: { name: 'name', value: '' },
        });
        expect(result.completion.values).toEqual(['menu']);
      }
    });

    it('contents may hold more than contents do; other values are sent as their JSON', async () => {
      await start(platform);
      const read = async (kind: string) =>
        (await ask(era, 'resources/read', { uri: `docs://kinds/${kind}` })).result?.contents;
      const [uri, mimeType] = ['docs://kinds/', 'application/json'];
      expect(await read('extra')).toEqual([{ uri: `${uri}extra`, text: 'a', _meta: { 'example.com/a': 1 } }]);
      expect(await read('list')).toEqual([{ uri: `${uri}list`, blob: 'AQ==' }]);
      expect(await read('value')).toEqual([
        { uri: `${uri}value`, mimeType, text: '{"text":"a","author":"b"}' },
      ]);
      expect(await read('set')).toEqual([{ uri: `${uri}set`, mimeType, text: '[1]' }]);
      expect(await read('response')).toBeUndefined();
      expect(logger.of('error')).toHaveLength(1);
    });

    it('a URI that is too long is refused', async () => {
      await start(platform);
      const uri = `docs://caf%C3%A9/${'a'.repeat(8_192)}`;
      const { error } = await ask(era, 'resources/read', { uri });
      expect(error).toMatchObject({ code: -32602, message: 'uri must have 8192 characters at most' });
      if (era === 'legacy') expect((await ask(era, 'resources/subscribe', { uri })).error.code).toBe(-32602);
    });
  });

  it('a session hears of the resource it watches by the URI it has named', async () => {
    const transport = await start(platform);
    const client = await SessionClient.open(app);
    const stream = client.listen();
    streams.push(stream);
    await stream.until(() => stream.status === 200);
    for (const uri of ['docs://caf%c3%a9/menu', 'docs://caf%C3%A9/%7Eindex', 'docs://last']) {
      expect((await client.request('resources/subscribe', { uri })).json.result).toEqual({});
    }
    await transport.notifyResourceUpdated('docs://café/menu');
    await transport.notifyResourceUpdated('docs://café/~index');
    await stream.until(() => stream.messages.length === 2);
    expect((await client.request('resources/unsubscribe', { uri: 'docs://café/menu' })).json.result).toEqual(
      {},
    );
    await transport.notifyResourceUpdated('docs://caf%C3%A9/menu');
    await transport.notifyResourceUpdated('docs://last');
    await stream.message(({ params }) => params?.uri === 'docs://last');
    expect(stream.messages.map(({ params }) => params.uri)).toEqual([
      'docs://caf%c3%a9/menu',
      'docs://caf%C3%A9/%7Eindex',
      'docs://last',
    ]);
  });

  it('a subscription hears of the resources it watches by the URIs it has named', async () => {
    const transport = await start(platform);
    const uris = ['docs://caf%c3%a9/menu', 'docs://caf%C3%A9/%7Eindex'];
    const stream = await listen(app, { resourceSubscriptions: uris });
    streams.push(stream);
    await transport.notifyResourceUpdated('docs://café/menu');
    await transport.notifyResourceUpdated('docs://café/~index');
    await stream.until(() => stream.messages.length === 3);
    expect(heardBy(stream)).toEqual(uris.map((uri) => `notifications/resources/updated ${uri}`));
  });

  it('a session hears nothing of a resource that it may not see any more', async () => {
    const transport = await start(platform);
    const client = await SessionClient.open(app);
    const stream = client.listen();
    streams.push(stream);
    await stream.until(() => stream.status === 200);
    for (const uri of ['docs://secret', 'docs://last']) await client.request('resources/subscribe', { uri });
    await transport.notifyResourceUpdated('docs://secret');
    await stream.until(() => stream.messages.length === 1);
    isSecretShown = false;
    expect((await client.request('resources/read', { uri: 'docs://secret' })).json.error.code).toBe(-32002);
    await transport.notifyResourceUpdated('docs://secret');
    await transport.notifyResourceUpdated('docs://last');
    await stream.until(() => stream.messages.length === 2);
    expect(stream.messages.map(({ params }) => params.uri)).toEqual(['docs://secret', 'docs://last']);
  });

  it('params that are no object are named as the fault', async () => {
    await start(platform);
    for (const params of [null, [1], 'x']) {
      const { status, json } = await app.post({ ...legacy('ping'), params });
      expect(status).toBe(400);
      expect(json.error).toMatchObject({
        code: -32600,
        message: expect.stringContaining('params must be an object'),
      });
      const batch = await app.post([{ ...legacy('ping'), params }], { 'mcp-protocol-version': '2025-03-26' });
      expect(batch.json.error.message).toContain('params must be an object');
    }
  });
});
