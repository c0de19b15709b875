import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { initialize } from '../../support/session-client.js';
import { until } from '../sessions/fixture.js';
import { aborted, startTransport, type TransportApp } from '../transport/fixture.js';
import { Connection, type WireRequest } from './fuzz/connection.js';

/** Whatever was sent before it, this is the last that its connection answers. */
const LAST: WireRequest = { method: 'POST', headers: [['Content-Type', 'application/json']], body: '{' };

function request(body: object, headers: Record<string, string>): WireRequest {
  const pairs = Object.entries({ 'content-type': 'application/json', ...headers });
  return { method: 'POST', headers: pairs, body: JSON.stringify(body) };
}

describe.each(PLATFORMS)('requests sent before the answers to others, on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, { sessionAdapter: new InMemorySessionAdapter() });
  });
  afterAll(() => app.close());

  const stats = () => app.app.get(StreamableHttpTransport).stats();
  const connect = () => new Connection(Number(new URL(app.url).port));

  it('are answered in their order', async () => {
    const connection = connect();
    const sent = Array.from({ length: 50 }, (_, id) =>
      connection.send(request(...modern('tools/list', {}, { id }))),
    );
    for (const [id, exchange] of sent.entries()) {
      await exchange.over;
      expect(JSON.parse(exchange.text)).toMatchObject({ id });
    }
    connection.cut();
  });

  it('leave no subscription behind when the connection closes before their turn', async () => {
    const connection = connect();
    const filter = { notifications: { toolsListChanged: true } };
    const first = connection.send(LAST);
    for (let count = 0; count < 20; count++)
      connection.send(request(...modern('subscriptions/listen', filter)));
    await connection.closed;
    expect(first.status).toBe(400);
    await until(() => stats().subscriptions === 0 && stats().streams === 0 && stats().requests === 0);
  });

  it('leave no stream of a session behind when the connection closes before their turn', async () => {
    const session = (await initialize(app.url)).headers.get('mcp-session-id') ?? '';
    const headers = { 'mcp-session-id': session };
    const connection = connect();
    connection.send(LAST);
    const call = legacy('tools/call', { name: 'count', arguments: {}, _meta: { progressToken: 1 } });
    connection.send(request(call, headers));
    connection.send({ method: 'GET', headers: Object.entries({ ...headers, accept: 'text/event-stream' }) });
    await connection.closed;
    await until(() => stats().streams === 0 && stats().requests === 0);
  });

  it('are cancelled when the connection closes before their turn', async () => {
    const connection = connect();
    connection.send(request(...modern('tools/call', { name: 'hold', arguments: {} })));
    connection.send(request(...modern('tools/call', { name: 'hold', arguments: {} })));
    const held = [await app.tools.nextHeld(), await app.tools.nextHeld()];
    connection.cut();
    for (const { ctx } of held) await aborted(ctx.signal);
    await until(() => stats().requests === 0);
  });
});
