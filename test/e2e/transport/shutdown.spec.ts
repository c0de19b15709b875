import { describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { legacy, modern } from '../../support/http.js';
import { until } from '../sessions/fixture.js';
import { Gate, PLACES, startTransport, type Sent } from './fixture.js';

const CALLS = [
  {
    kind: 'JSON, legacy',
    call: (args: object): Sent => [legacy('tools/call', { name: 'hold', arguments: args }, 'x'), {}],
  },
  {
    kind: 'JSON, modern',
    call: (args: object): Sent => modern('tools/call', { name: 'hold', arguments: args }, { id: 'x' }),
  },
  {
    kind: 'a stream, legacy',
    call: (args: object): Sent => [
      legacy('tools/call', { name: 'hold', arguments: args }, 'x'),
      { accept: 'text/event-stream' },
    ],
  },
];

describe.each(PLACES)('shutdown on $title', ({ platform, mount }) => {
  describe.each(CALLS)('answering with $kind', ({ call }) => {
    it('lets a running handler finish', async () => {
      const app = await startTransport(platform, { mount, shutdownGraceMs: 60_000 });
      const answer = app.post(...call({}));
      const { ctx, gate } = await app.tools.nextHeld();
      const closing = app.close();
      expect(ctx.signal.aborted).toBe(false);
      gate.open();
      expect((await answer).json).toMatchObject({ id: 'x', result: { content: [{ text: 'finished' }] } });
      await closing;
    });

    it('gives up a handler that does not finish in time, and answers for it', async () => {
      const app = await startTransport(platform, { mount, shutdownGraceMs: 20 });
      const answering = app.post(...call({ stubborn: true }));
      const { ctx, gate } = await app.tools.nextHeld();
      await app.close();
      expect(ctx.signal.aborted).toBe(true);
      const answer = await answering;
      expect(answer.json).toEqual({
        jsonrpc: '2.0',
        id: 'x',
        error: { code: -32603, message: expect.any(String) },
      });
      const isStream = answer.headers.get('content-type') === 'text/event-stream';
      expect(answer.status).toBe(isStream ? 200 : 503);
      gate.open();
    });
  });

  it('gives up at once without a grace period', async () => {
    const app = await startTransport(platform, { mount, shutdownGraceMs: 0 });
    const answer = app.post(legacy('tools/call', { name: 'hold' }, 'x'));
    await app.tools.nextHeld();
    await app.close();
    expect((await answer).status).toBe(503);
  });

  it('answers every request of a batch that it gives up', async () => {
    const app = await startTransport(platform, { mount, shutdownGraceMs: 0 });
    const answer = app.post(['a', 'b'].map((id) => legacy('tools/call', { name: 'hold' }, id)));
    await app.tools.nextHeld();
    await app.tools.nextHeld();
    await app.close();
    expect((await answer).json.map(({ id, error }: any) => [id, error.code])).toEqual([
      ['a', -32603],
      ['b', -32603],
    ]);
  });

  it('answers new requests with 503 meanwhile, on every verb', async () => {
    const app = await startTransport(platform, { mount, shutdownGraceMs: 60_000 });
    const answer = app.post(legacy('tools/call', { name: 'hold' }));
    const { gate } = await app.tools.nextHeld();
    const closing = app.close();
    for (const [body, headers] of [[legacy('ping'), {}] as Sent, modern('tools/list')]) {
      const refused = await app.post(body, headers);
      expect(refused.status).toBe(503);
      expect(refused.json).toEqual({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32603, message: expect.any(String) },
      });
      expect(refused.headers.get('connection')).toBe('close');
    }
    expect((await fetch(app.url)).status).toBe(503);
    gate.open();
    expect((await answer).status).toBe(200);
    await closing;
  });

  it('answers 503 to what was let in too late, and waits for none of it', async () => {
    let arrived = 0;
    const admitted = new Gate();
    const app = await startTransport(platform, {
      mount,
      sessionAdapter: new InMemorySessionAdapter(),
      principal: async () => {
        arrived++;
        await admitted.opened;
        return undefined;
      },
    });
    const notifications = { toolsListChanged: true };
    const answers = [
      app.post(legacy('tools/call', { name: 'echo' })),
      app.post(...modern('tools/call', { name: 'echo', arguments: {} })),
      app.post(...modern('subscriptions/listen', { notifications })),
      fetch(app.url, { headers: { 'mcp-session-id': 'x', accept: 'text/event-stream' } }),
    ];
    await until(() => arrived === answers.length);
    const closing = app.close();
    await until(() => app.app.get(StreamableHttpTransport).isClosing);
    admitted.open();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(app.tools.calls).toEqual([]);
    await closing;
  });

  it('closes while clients keep idle connections open', async () => {
    const app = await startTransport(platform, { mount });
    await Promise.all(Array.from({ length: 5 }, () => app.post(legacy('ping'))));
    await app.close();
    await expect(app.post(legacy('ping'))).rejects.toThrow();
  });

  it('closes twice as well as once', async () => {
    const app = await startTransport(platform, { mount });
    await Promise.all([app.close(), app.close()]);
  });
});
