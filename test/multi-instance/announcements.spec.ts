import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionClient } from '../support/session-client.js';
import { modern } from '../support/http.js';
import { RawExchange } from '../support/raw-http.js';
import { startBed, type Bed, type Instance } from './bed/bed.js';
import { connected, OFFICIAL_CLIENTS } from './official.js';
import { command, fresh, LEGACY_VERSIONS, revive, statsOf, until } from './support.js';

const BOARD = 'bed://board';
const TAG = 'io.modelcontextprotocol/subscriptionId';

let bed: Bed;
let a: Instance;
let b: Instance;
beforeAll(async () => {
  bed = await startBed();
  [a, b] = bed.instances as [Instance, Instance];
});
afterEach(() => revive(bed));
afterAll(() => bed?.close());

/** A session of each revision at an instance, with its stream. */
async function listeners({ url }: Instance) {
  return Promise.all(
    LEGACY_VERSIONS.map(async (version) => {
      const client = await SessionClient.open({ url }, { version });
      const stream = client.listen();
      await stream.until(() => stream.text.length > 0 || stream.comments.length > 0);
      return { client, stream };
    }),
  );
}

async function subscribed({ url }: Instance, id: string, notifications: object): Promise<RawExchange> {
  const [body, headers] = modern('subscriptions/listen', { notifications }, { id });
  const stream = new RawExchange(url, { method: 'POST', body, headers });
  const first = await stream.message(() => true);
  expect(first.method).toBe('notifications/subscriptions/acknowledged');
  return stream;
}

const methodsOf = ({ messages }: RawExchange) => messages.map(({ method }) => method as string);
const isUpdate = ({ method }: any) => method === 'notifications/resources/updated';
const TOOLS = 'notifications/tools/list_changed';
const UPDATED = 'notifications/resources/updated';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

describe('what changes on one instance', () => {
  it('is heard once by each client that listens at any instance, whatever its revision', async () => {
    const sessions = [...(await listeners(a)), ...(await listeners(b))];
    for (const { client } of sessions) {
      // At the other instance than holds the stream.
      const elsewhere = client.url === a.url ? b : a;
      await client.with({ url: elsewhere.url }).request('resources/subscribe', { uri: BOARD });
    }
    const both = { toolsListChanged: true, resourceSubscriptions: [BOARD] };
    const subscriptions = [
      await subscribed(a, 'on a', both),
      await subscribed(b, 'on b', both),
      await subscribed(b, 'only board', { resourceSubscriptions: [BOARD] }),
    ];
    const name = fresh('late');
    await command(a, 'add_tool', { name });
    // On the bus this comes last: when it has been heard, nothing of what went before is on its way.
    await command(a, 'touch');
    const streams = [...sessions.map(({ stream }) => stream), ...subscriptions];
    await Promise.all(streams.map((stream) => stream.message(isUpdate)));
    await command(b, 'remove_tool', { name }).catch(() => {});
    await command(a, 'remove_tool', { name });
    await command(b, 'touch', {});
    await Promise.all(
      streams.map((stream) => stream.until(() => stream.messages.filter(isUpdate).length === 2)),
    );

    const heard = [TOOLS, UPDATED, TOOLS, UPDATED];
    for (const { stream } of sessions) expect(methodsOf(stream)).toEqual(heard);
    const [onA, onB, onlyBoard] = subscriptions.map(methodsOf);
    expect(onA).toEqual([ACKNOWLEDGED, ...heard]);
    expect(onB).toEqual([ACKNOWLEDGED, ...heard]);
    expect(onlyBoard).toEqual([ACKNOWLEDGED, UPDATED, UPDATED]);
    for (const stream of subscriptions) {
      const tags = stream.messages.map(({ params }) => params._meta[TAG]);
      expect(new Set(tags).size).toBe(1);
    }
    for (const stream of streams) stream.cut();
    await Promise.all(sessions.map(({ client }) => client.delete()));
  });

  it('is not heard by sessions that have not asked', async () => {
    const sessions = await listeners(b);
    const [asked, ...others] = sessions as [(typeof sessions)[0], ...typeof sessions];
    await asked.client.request('resources/subscribe', { uri: BOARD });
    await command(a, 'touch', { uri: 'bed://other' });
    await command(a, 'touch', { uri: BOARD });
    await asked.stream.message(isUpdate);
    await asked.client.request('resources/unsubscribe', { uri: BOARD });
    await command(a, 'touch', { uri: BOARD });
    for (const { client, stream } of sessions) {
      await command(a, 'tell', { sessionId: client.id, key: 'last' });
      await stream.message(({ params }) => params?.data?.key === 'last');
    }
    expect(methodsOf(asked.stream)).toEqual([UPDATED, 'notifications/message']);
    for (const { stream } of others) expect(methodsOf(stream)).toEqual(['notifications/message']);
    for (const { stream } of sessions) stream.cut();
    await Promise.all(sessions.map(({ client }) => client.delete()));
  });

  it('is heard once by a client that has moved its stream to the other instance', async () => {
    const sessions = await listeners(a);
    const moved = await Promise.all(
      sessions.map(async ({ client, stream }) => {
        const next = client.with({ url: b.url }).listen(stream.lastEventId);
        await next.until(() => next.text.length > 0 || next.comments.length > 0);
        await stream.closed;
        return { client, streams: [stream, next] as const };
      }),
    );
    const name = fresh('late');
    for (const instance of [a, b]) await command(instance, 'add_tool', { name });
    for (const { client } of moved) await command(b, 'tell', { sessionId: client.id, key: 'last' });
    for (const { client, streams } of moved) {
      const [before, after] = streams;
      await after.message(({ params }) => params?.data?.key === 'last');
      expect(methodsOf(before)).toEqual([]);
      expect(methodsOf(after)).toEqual([TOOLS, TOOLS, 'notifications/message']);
      after.cut();
      await client.delete();
    }
    for (const instance of [a, b]) await command(instance, 'remove_tool', { name });
  });
});

/** Sessions that listen at an instance, watch the board and know where they are in their streams. */
async function watchers(instance: Instance) {
  const sessions = await listeners(instance);
  for (const { client, stream } of sessions) {
    await client.request('resources/subscribe', { uri: BOARD });
    await command(instance, 'tell', { sessionId: client.id, key: 'first' });
    await stream.message(({ params }) => params?.data?.key === 'first');
  }
  return sessions;
}

type Watcher = Awaited<ReturnType<typeof watchers>>[number];

/** Messages that a session receives after it resumes at an instance, up to the first that is sent there. */
async function heardAfterReturn({ url, ...rest }: Instance, { client, stream }: Watcher) {
  const next = client.with({ url }).listen(stream.lastEventId);
  await next.message(isUpdate);
  await command({ url, ...rest }, 'tell', { sessionId: client.id, key: 'last' });
  await next.message(({ params }) => params?.data?.key === 'last');
  next.cut();
  return [...methodsOf(stream), ...methodsOf(next)];
}

describe('what changes while nobody listens for a session', () => {
  const TOLD = 'notifications/message';

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'is heard once when its client comes back, after %s of the instance it listened at',
    async (signal) => {
      const sessions = await watchers(a);
      await a.kill(signal);
      const name = fresh('late');
      await command(b, 'add_tool', { name });
      await command(b, 'touch');
      for (const session of sessions) {
        expect(await heardAfterReturn(b, session)).toEqual([TOLD, TOOLS, UPDATED, TOLD]);
        await session.client.with({ url: b.url }).delete();
      }
      await command(b, 'remove_tool', { name });
    },
  );

  it('is heard once where it was told by the instance that is gone, too', async () => {
    const sessions = await watchers(a);
    await command(b, 'touch');
    await Promise.all(sessions.map(({ stream }) => stream.message(isUpdate)));
    await a.kill('SIGKILL');
    const name = fresh('late');
    await command(b, 'add_tool', { name });
    for (const { client, stream } of sessions) {
      const next = client.with({ url: b.url }).listen(stream.lastEventId);
      await next.message(({ method }) => method === TOOLS);
      await command(b, 'tell', { sessionId: client.id, key: 'last' });
      await next.message(({ params }) => params?.data?.key === 'last');
      next.cut();
      expect([...methodsOf(stream), ...methodsOf(next)]).toEqual([TOLD, UPDATED, TOOLS, TOLD]);
      await client.with({ url: b.url }).delete();
    }
    await command(b, 'remove_tool', { name });
  });

  it('is heard once although the instance that published it is gone, too', async () => {
    const sessions = await watchers(a);
    await a.kill('SIGKILL');
    await command(b, 'touch');
    await b.kill('SIGKILL');
    await revive(bed);
    for (const [index, session] of sessions.entries()) {
      const at = index % 2 === 0 ? a : b;
      expect(await heardAfterReturn(at, session)).toEqual([TOLD, UPDATED, TOLD]);
      await session.client.with({ url: at.url }).delete();
    }
  });

  it('is heard once by a client that is away while its instance lives, wherever it comes back', async () => {
    const sessions = await watchers(a);
    for (const { stream } of sessions) stream.cut();
    await command(b, 'touch');
    for (const session of sessions) {
      expect(await heardAfterReturn(b, session)).toEqual([TOLD, UPDATED, TOLD]);
      await session.client.with({ url: b.url }).delete();
    }
  });

  it('is not heard by those who have stopped to watch it, nor of what came before they did', async () => {
    const sessions = await watchers(a);
    await a.kill('SIGKILL');
    await command(b, 'touch', { uri: 'bed://other' });
    await command(b, 'touch');
    for (const { client, stream } of sessions) {
      const there = client.with({ url: b.url });
      await there.request('resources/unsubscribe', { uri: BOARD });
      const next = there.listen(stream.lastEventId);
      await next.answered();
      await command(b, 'tell', { sessionId: client.id, key: 'last' });
      await next.message(({ params }) => params?.data?.key === 'last');
      next.cut();
      expect(methodsOf(next)).toEqual([TOLD]);
      await there.delete();
    }
  });
});

it('official clients hear once of what changes, wherever it does', async () => {
  await connected(OFFICIAL_CLIENTS, bed.url, async (clients) => {
    for (const client of clients) await client.subscribe(BOARD);
    await until(async () => {
      const open = await Promise.all(bed.instances.map(statsOf));
      return open.reduce((sum, { streams = 0 }) => sum + streams, 0) === clients.length;
    }, 'all of them listen');
    const name = fresh('late');
    await command(a, 'add_tool', { name });
    await command(b, 'touch');
    await until(() => clients.every(({ heard }) => heard.includes(UPDATED)), 'all of them have heard');
    await command(a, 'remove_tool', { name });
    await command(a, 'touch');
    await until(
      () => clients.every(({ heard }) => heard.filter((each) => each === UPDATED).length === 2),
      'again',
    );
    for (const { heard } of clients) expect(heard.toSorted()).toEqual([UPDATED, UPDATED, TOOLS, TOOLS]);
    for (const client of clients) await client.terminate();
  });
});
