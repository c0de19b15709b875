import { afterEach, describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { RawExchange } from '../../support/raw-http.js';
import { until } from '../conversations/fixture.js';
import { heardBy, listen, startServer, type Server } from './fixture.js';

const UPDATES = 8000;
const updated = (uri: string) => `notifications/resources/updated ${uri}`;

describe.each(PLATFORMS)('many updates in one turn, on %s', (platform) => {
  let server: Server;
  afterEach(() => server.close());

  const announce = (uriOf: (count: number) => string) =>
    Promise.all(
      Array.from({ length: UPDATES }, (_, count) => server.transport.notifyResourceUpdated(uriOf(count))),
    );

  it('are heard, each of them, by a subscription that is read', async () => {
    server = await startServer({ platform });
    const subscription = await listen(server, { resourceSubscriptions: ['test://open'] });
    await announce(() => 'test://open');
    await subscription.until(() => subscription.events.length === UPDATES + 1);
    expect(new Set(heardBy(subscription))).toEqual(new Set([updated('test://open')]));
    subscription.cut();
  });

  it('are told of every resource where there is no room for all of them', async () => {
    server = await startServer({ platform, limits: { bufferedBytesPerStream: 2000 } });
    const uris = Array.from({ length: 100 }, (_, id) => `test://note/${id}`);
    const subscription = await listen(server, { resourceSubscriptions: uris, toolsListChanged: true });
    await announce((count) => uris[Math.floor((count * uris.length) / UPDATES)] as string);
    await server.registry.addTool({ name: 'last' }, () => '');
    const last = 'notifications/tools/list_changed';
    const texts = () => subscription.events.map(({ data }) => data);
    await subscription.until(
      () =>
        texts().some((text) => text.includes(last)) &&
        texts().some((text) => text.includes('"test://note/99"')),
    );
    const heard = heardBy(subscription);
    expect(new Set(heard)).toEqual(new Set([...uris.map(updated), last]));
    expect(heard.length).toBeLessThan(UPDATES);
    subscription.cut();
  });

  it('end a subscription that is never read', async () => {
    server = await startServer({ platform, keepAliveMs: 50 });
    const uri = `test://note/${'x'.repeat(1000)}`;
    const subscription = await listen(server, { resourceSubscriptions: [uri] });
    subscription.pause();
    await until(async () => {
      await Promise.all(Array.from({ length: 60 }, () => server.transport.notifyResourceUpdated(uri)));
      return server.transport.stats().subscriptions === 0;
    });
    subscription.cut();
  });

  it('are heard by a session that is read', async () => {
    server = await startServer({ platform });
    const clientInfo = { name: 'test', version: '1.0.0' };
    const opened = await server.post(
      legacy('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }),
    );
    const headers = {
      'mcp-session-id': String(opened.headers.get('mcp-session-id')),
      'mcp-protocol-version': '2025-11-25',
    };
    await server.post(legacy('resources/subscribe', { uri: 'test://open' }), headers);
    const stream = new RawExchange(server.url, {
      method: 'GET',
      headers: { ...headers, accept: 'text/event-stream' },
    });
    await stream.until(() => stream.events.length > 0);
    await announce(() => 'test://open');
    await stream.until(() => stream.messages.length > 0);
    await server.transport.notifyResourceUpdated('test://open');
    await stream.until(() => stream.messages.length > 1);
    stream.cut();
  });
});
