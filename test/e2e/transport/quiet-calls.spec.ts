import { afterEach, describe, expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter, InMemorySessionAdapter } from 'nestjs-mcp-adapters';
import { legacy, modern } from '../../support/http.js';
import { SseReader } from '../../support/sse.js';
import { aborted, Leaver, PLACES, startTransport, type Sent, type TransportApp } from './fixture.js';

const BOTH = { accept: 'application/json, text/event-stream' };

/** Every way in which a call is served, and what a client of it sends. */
const WAYS: readonly {
  readonly way: string;
  readonly sessions: boolean;
  readonly sent: (app: TransportApp) => Promise<Sent>;
}[] = [
  {
    way: '2026-07-28',
    sessions: false,
    sent: async () => modern('tools/call', { name: 'hold', arguments: {} }),
  },
  {
    way: '2026-07-28 beside sessions',
    sessions: true,
    sent: async () => modern('tools/call', { name: 'hold', arguments: {} }),
  },
  { way: 'stateless', sessions: false, sent: async () => [legacy('tools/call', { name: 'hold' }), BOTH] },
  ...['2025-03-26', '2025-06-18', '2025-11-25'].map((revision) => ({
    way: `a session of ${revision}`,
    sessions: true,
    sent: async (app: TransportApp): Promise<Sent> => [
      legacy('tools/call', { name: 'hold' }),
      { ...BOTH, ...(await openSession(app, revision)) },
    ],
  })),
];

async function openSession(app: TransportApp, protocolVersion: string): Promise<Record<string, string>> {
  const clientInfo = { name: 'test', version: '1.0.0' };
  const answer = await app.post(
    legacy('initialize', { protocolVersion, capabilities: {}, clientInfo }),
    BOTH,
  );
  const id = String(answer.headers.get('mcp-session-id'));
  return { 'mcp-session-id': id, 'mcp-protocol-version': protocolVersion };
}

describe.each(PLACES)('a call that says nothing, on $title', ({ platform, mount }) => {
  let app: TransportApp;
  afterEach(() => app.close());

  const start = async (sessions: boolean, keepAliveMs = 20) => {
    app = await startTransport(platform, {
      mount,
      keepAliveMs,
      ...(sessions && {
        sessionAdapter: new InMemorySessionAdapter(),
        clientRequestAdapter: new InMemoryClientRequestAdapter(),
      }),
    });
  };

  it.each(WAYS)('becomes a stream with comments after one quiet period: $way', async ({ sessions, sent }) => {
    await start(sessions);
    const client = new Leaver(app.url, await sent(app));
    const { gate } = await app.tools.nextHeld();
    const response = await client.response;
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('text/event-stream');
    const reader = new SseReader();
    const messages: any[] = [];
    for await (const chunk of response) {
      for (const { data } of reader.push(String(chunk))) if (data !== '') messages.push(JSON.parse(data));
      if (reader.comments.length >= 3) gate.open();
    }
    expect(messages).toHaveLength(1);
    expect(messages[0].result.content[0].text).toBe('finished');
  });

  it.each(WAYS)(
    'is answered in JSON where that is all the client takes: $way',
    async ({ sessions, sent }) => {
      await start(sessions);
      const [body, headers] = await sent(app);
      const answer = app.post(body, { ...headers, accept: 'application/json' });
      const { gate } = await app.tools.nextHeld();
      // Streams that opened later have had their comments by now.
      const other = new Leaver(app.url, await sent(app).then(([it, own]): Sent => [it, own]));
      await app.tools.nextHeld().then(async (held) => {
        await other.response;
        held.gate.open();
      });
      gate.open();
      const { status, headers: got, json } = await answer;
      expect([status, got.get('content-type')]).toEqual([200, 'application/json']);
      expect(json.result.content[0].text).toBe('finished');
    },
  );

  it('is answered in JSON when the period has not passed', async () => {
    await start(false, 60_000);
    const answer = app.post(legacy('tools/call', { name: 'hold' }), BOTH);
    const { gate } = await app.tools.nextHeld();
    gate.open();
    expect((await answer).headers.get('content-type')).toBe('application/json');
  });

  it('is still cancelled when its client leaves', async () => {
    await start(false);
    const client = new Leaver(app.url, [legacy('tools/call', { name: 'hold' }), BOTH]);
    const { ctx } = await app.tools.nextHeld();
    await client.response;
    client.leave();
    await aborted(ctx.signal);
  });

  it('keeps its place in a batch', async () => {
    await start(true);
    const session = await openSession(app, '2025-03-26');
    const batch = [
      legacy('ping', undefined, 1),
      legacy('tools/call', { name: 'hold' }, 2),
      legacy('ping', undefined, 3),
    ];
    const client = new Leaver(app.url, [batch, { ...BOTH, ...session }]);
    const { gate } = await app.tools.nextHeld();
    const response = await client.response;
    gate.open();
    const reader = new SseReader();
    const ids: unknown[] = [];
    for await (const chunk of response) {
      for (const { data } of reader.push(String(chunk))) if (data !== '') ids.push(JSON.parse(data).id);
    }
    expect(ids).toEqual([1, 3, 2]);
  });
});
