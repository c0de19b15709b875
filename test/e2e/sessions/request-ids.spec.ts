import { afterEach, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, until } from './fixture.js';

describe.each(PLATFORMS)('the id of a refused request on %s', (platform) => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  it.each(['x', 7, ''])(
    'is in the error: no session, an unknown one, too many, the same id again (%j)',
    async (id) => {
      const gate = new Gate();
      app = await startSessions({
        platform,
        mcp: { limits: { streamsPerSession: 2 } },
        tools: { hold: () => gate.opened.then(() => 'held') },
      });
      const { post } = app;
      const missing = await post(legacy('ping', {}, id));
      expect([missing.status, missing.json.id]).toEqual([400, id]);
      const unknown = await post(legacy('ping', {}, id), { 'mcp-session-id': 'nobody' });
      expect([unknown.status, unknown.json.id]).toEqual([404, id]);

      const client = await SessionClient.open(app);
      const transport = app.app.get(StreamableHttpTransport, { strict: false });
      const call = (callId: string | number) => client.post(legacy('tools/call', { name: 'hold' }, callId));
      const first = call(id);
      await until(() => transport.stats().requests === 1);
      const again = await call(id);
      expect([again.status, again.json.id]).toEqual([400, id]);
      const second = call('other');
      await until(() => transport.stats().requests === 2);
      const busy = await call('third');
      expect([busy.status, busy.json.id]).toEqual([429, 'third']);
      gate.open();
      expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([200, 200]);
    },
  );

  it('is in the error of a store that fails', async () => {
    class BrokenAdapter extends InMemorySessionAdapter {
      override open(): never {
        throw new Error('broken');
      }
    }
    app = await startSessions({ platform, mcp: { sessionAdapter: new BrokenAdapter() } });
    const failed = await app.post(legacy('ping', {}, 'x'), { 'mcp-session-id': crypto.randomUUID() });
    expect([failed.status, failed.json.id]).toEqual([500, 'x']);
  });

  it('is null where there is none, or several', async () => {
    app = await startSessions({ platform });
    for (const body of [
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 1, result: {} },
      [legacy('ping', {}, 1), legacy('ping', {}, 2)],
    ]) {
      const answer = await app.post(body);
      expect([answer.status, answer.json.id]).toEqual([400, null]);
    }
  });

  it.each([33, 100])('serves a batch of %d requests in a session of 2025-03-26', async (size) => {
    app = await startSessions({ platform });
    const client = await SessionClient.open(app, { version: '2025-03-26' });
    const ids = Array.from({ length: size }, (_, index) => index);
    const answer = await client.post(ids.map((id) => legacy('ping', {}, id)));
    expect(answer.status).toBe(200);
    expect(answer.json.map(({ id }: { id: number }) => id).sort((a: number, b: number) => a - b)).toEqual(
      ids,
    );
  });

  it('counts a batch as one of the requests that a session may run', async () => {
    const gate = new Gate();
    app = await startSessions({
      platform,
      mcp: { limits: { streamsPerSession: 1 } },
      tools: { hold: () => gate.opened.then(() => 'held') },
    });
    const client = await SessionClient.open(app, { version: '2025-03-26' });
    const transport = app.app.get(StreamableHttpTransport, { strict: false });
    const hold = (id: string) => legacy('tools/call', { name: 'hold' }, id);
    const batch = client.post([hold('a'), hold('b'), hold('c')]);
    await until(() => transport.stats().requests === 1);
    expect((await client.post([hold('d'), hold('e')])).status).toBe(429);
    gate.open();
    expect((await batch).json).toHaveLength(3);
    expect((await client.request('ping')).status).toBe(200);
  });
});
