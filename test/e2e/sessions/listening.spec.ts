import { afterEach, describe, expect, it } from '@jest/globals';
import { StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, until } from './fixture.js';

const transportOf = ({ app }: TestApp) => app.get(StreamableHttpTransport);
const note = (data: string) => ['notifications/message', { level: 'info', data }] as const;
const dataOf = ({ params }: any) => params.data;

describe.each(PLATFORMS)('the stream of a session on %s', (platform) => {
  let app: TestApp;
  afterEach(() => app.close());

  it('begins at once, with headers that keep proxies from holding it back', async () => {
    app = await startSessions({ platform });
    const stream = (await SessionClient.open(app)).listen();
    await stream.until(() => stream.text.length > 0);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    stream.cut();
  });

  it('tells the client of 2025-11-25 where to resume and how soon, before there is a message', async () => {
    app = await startSessions({ platform });
    const stream = (await SessionClient.open(app)).listen();
    await stream.until(() => stream.events.length > 0);
    expect(stream.events).toEqual([{ id: expect.stringMatching(/^[\x21-\x7e]+$/), retry: 1000, data: '' }]);
    stream.cut();
  });

  it.each(['2025-03-26', '2025-06-18'])(
    'sends the client of %s a comment and no empty event',
    async (version) => {
      app = await startSessions({ platform });
      const client = await SessionClient.open(app, { version });
      const stream = client.listen();
      await stream.until(() => stream.comments.length > 0);
      await transportOf(app)
        .session(client.id)
        .notify(...note('one'));
      await stream.until(() => stream.events.length > 0);
      expect(stream.events).toEqual([{ id: expect.any(String), event: 'message', data: expect.any(String) }]);
      stream.cut();
    },
  );

  it('carries a comment now and then', async () => {
    app = await startSessions({ platform, mcp: { keepAliveMs: 10 } });
    const stream = (await SessionClient.open(app)).listen();
    await stream.until(() => stream.comments.length >= 5);
    stream.cut();
  });

  it('carries what is sent to the session, in order', async () => {
    app = await startSessions({ platform });
    const client = await SessionClient.open(app);
    const stream = client.listen();
    await stream.until(() => stream.events.length > 0);
    const session = transportOf(app).session(client.id);
    for (const word of ['one', 'two', 'three']) await session.notify(...note(word));
    await stream.until(() => stream.messages.length === 3);
    expect(stream.messages.map(dataOf)).toEqual(['one', 'two', 'three']);
    expect(new Set(stream.events.map(({ id }) => id)).size).toBe(4);
    stream.cut();
  });

  it('gives way to a new connection of its client, which gets what comes from then on', async () => {
    app = await startSessions({ platform });
    const client = await SessionClient.open(app);
    const session = transportOf(app).session(client.id);
    const first = client.listen();
    await first.until(() => first.events.length > 0);
    await session.notify(...note('before'));
    await first.until(() => first.messages.length === 1);
    const second = client.listen();
    await second.until(() => second.events.length > 0);
    await first.closed;
    expect(first.isComplete).toBe(true);
    await session.notify(...note('after'));
    await second.until(() => second.messages.length === 1);
    expect([first, second].map(({ messages }) => messages.map(dataOf))).toEqual([['before'], ['after']]);
    second.cut();
  });

  it('goes on after the last event the client has seen', async () => {
    app = await startSessions({ platform });
    const client = await SessionClient.open(app);
    const session = transportOf(app).session(client.id);
    const first = client.listen();
    await first.until(() => first.events.length > 0);
    await session.notify(...note('one'));
    await first.until(() => first.messages.length === 1);
    first.cut();
    await session.notify(...note('two'));
    await session.notify(...note('three'));
    const second = client.listen(first.lastEventId);
    await second.until(() => second.messages.length === 2);
    await session.notify(...note('four'));
    await second.until(() => second.messages.length === 3);
    expect(second.messages.map(dataOf)).toEqual(['two', 'three', 'four']);
    second.cut();
  });

  it('is refused to a client that does not take it', async () => {
    app = await startSessions({ platform });
    const client = await SessionClient.open(app);
    const answer = await client.get({ accept: 'application/json' });
    expect([answer.status, answer.json.error.code]).toEqual([406, -32600]);
  });

  it('ends with its session, which nothing can be sent to any more', async () => {
    app = await startSessions({ platform });
    const client = await SessionClient.open(app);
    const session = transportOf(app).session(client.id);
    const stream = client.listen();
    await stream.until(() => stream.events.length > 0);
    await client.delete();
    await stream.closed;
    expect(stream.isComplete).toBe(true);
    await expect(session.notify(...note('late'))).rejects.toMatchObject({ code: 'MCP_SESSION_UNAVAILABLE' });
    expect(await client.listen(stream.lastEventId).answered()).toBe(404);
  });

  it('ends when the server closes the session', async () => {
    app = await startSessions({ platform });
    const client = await SessionClient.open(app);
    const stream = client.listen();
    await stream.until(() => stream.events.length > 0);
    await transportOf(app).session(client.id).close();
    await stream.closed;
    expect((await client.request('ping')).status).toBe(404);
  });

  it('is counted while it is open', async () => {
    app = await startSessions({ platform });
    const client = await SessionClient.open(app);
    const stream = client.listen();
    await stream.until(() => stream.events.length > 0);
    expect(transportOf(app).stats()).toMatchObject({ sessions: 1, streams: 1, requests: 0 });
    stream.cut();
    await until(() => transportOf(app).stats().streams === 0);
  });
});
