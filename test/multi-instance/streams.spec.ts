import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionClient, toolCall } from '../support/session-client.js';
import type { RawExchange } from '../support/raw-http.js';
import { startBed, type Bed, type Instance } from './bed/bed.js';
import { connected, LEGACY_CLIENTS, type OfficialClient } from './official.js';
import {
  command,
  fresh,
  isResponse,
  isResult,
  LEGACY_VERSIONS,
  numbersOf,
  revive,
  runsOf,
  until,
  textOf,
} from './support.js';

let bed: Bed;
let a: Instance;
let b: Instance;
beforeAll(async () => {
  bed = await startBed();
  [a, b] = bed.instances as [Instance, Instance];
});
afterEach(() => revive(bed));
afterAll(() => bed?.close());

const GONE = 'The instance that served the request is gone';
const hasProgress = (number: number) => (message: any) => message.params?.progress === number;
const begun = (stream: RawExchange) =>
  stream.until(() => stream.text.length > 0 || stream.comments.length > 0);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe.each(LEGACY_VERSIONS)('a stream of %s', (version) => {
  let client: SessionClient;
  let onB: SessionClient;
  beforeEach(async () => {
    client = await SessionClient.open(a, { version });
    onB = client.with({ url: b.url });
  });
  afterEach(() => client.delete());

  it('of a call goes on at the other instance, with what was missed and what comes', async () => {
    const call = client.begin('stream', { count: 30, paceMs: 20 }, { progressToken: 1 });
    await call.message(hasProgress(5));
    const lastEventId = call.lastEventId;
    const seen = numbersOf(call);
    call.cut();
    await call.closed;
    const resumed = onB.listen(lastEventId);
    expect(textOf(await resumed.message(isResult))).toContain('from instance 0');
    await resumed.closed;
    expect([...seen, ...numbersOf(resumed)]).toEqual(upTo(30));
  });

  it('of a call is there after the call is over, as often as it is asked for, and no other stream with it', async () => {
    const [first, second] = [fresh('first'), fresh('second')];
    const calls = [first, second].map((key) =>
      client.begin('stream', { key, count: 10, paceMs: 5 }, { progressToken: key }),
    );
    await Promise.all(calls.map((call) => call.message(isResult)));
    const [call] = calls as [RawExchange];
    const from = call.events.filter(({ data }) => data !== '')[3]?.id as string;
    for (const at of [onB, client, onB]) {
      const replayed = at.listen(from);
      await replayed.message(isResult);
      expect(numbersOf(replayed)).toEqual([5, 6, 7, 8, 9, 10]);
      expect(replayed.text).toContain(first);
      expect(replayed.text).not.toContain(second);
      replayed.cut();
    }
  });

  it('is never gone on with by another session, on any instance', async () => {
    const call = client.begin('stream', { count: 5 }, { progressToken: 1 });
    await call.message(isResult);
    const other = await SessionClient.open(b, { version });
    const eventId = call.events.find(({ data }) => data !== '')?.id as string;
    for (const { url } of [a, b]) {
      const answer = await other.with({ url }).get({ accept: 'text/event-stream', 'last-event-id': eventId });
      expect(answer.status).toBe(400);
      expect(answer.messages).toEqual([{ jsonrpc: '2.0', id: null, error: expect.any(Object) }]);
    }
    await other.delete();
  });

  it('of no request has one holder: the one that the client came to last', async () => {
    const onA = client.listen();
    await begun(onA);
    await command(b, 'tell', { sessionId: client.id, key: 'word', count: 2 });
    await onA.message(({ params }) => params?.data.number === 2);
    const next = onB.listen();
    await begun(next);
    await onA.closed;
    await command(a, 'tell', { sessionId: client.id, key: 'word', count: 3 });
    await next.message(({ params }) => params?.data.number === 3);
    const last = client.listen(next.lastEventId);
    await begun(last);
    await next.closed;
    await command(b, 'tell', { sessionId: client.id, key: 'word', count: 4 });
    await last.message(({ params }) => params?.data.number === 4);
    expect([onA, next, last].map(numbersOf)).toEqual([upTo(2), upTo(3), upTo(4)]);
    last.cut();
  });

  it('of no request keeps for the other instance what comes while nobody holds it', async () => {
    const onA = client.listen();
    await begun(onA);
    await command(b, 'tell', { sessionId: client.id, key: 'word' });
    await onA.message(({ params }) => params?.data.number === 1);
    onA.cut();
    await onA.closed;
    await command(a, 'tell', { sessionId: client.id, key: 'word', count: 20 });
    const resumed = onB.listen(onA.lastEventId);
    await resumed.message(({ params }) => params?.data.number === 20);
    expect(numbersOf(resumed)).toEqual(upTo(20));
    resumed.cut();
  });
});

it('a call whose instance dies ends with an error where its client goes on, and does not run again', async () => {
  const calls = await Promise.all(
    LEGACY_VERSIONS.map(async (version) => {
      const client = await SessionClient.open(a, { version });
      const key = fresh('dead');
      const call = client.begin('stream', { key, count: 10_000, paceMs: 20 }, { id: key, progressToken: 1 });
      await call.message(hasProgress(3));
      return { client: client.with({ url: b.url }), key, call };
    }),
  );
  const batch = await beginBatch();
  await connected(LEGACY_CLIENTS, bed.url, async (clients) => {
    const ids = clients.map(({ sessionId }) => sessionId);
    const outcomes = await beginOnA(clients);
    await a.kill('SIGKILL');
    for (const { client, key, call } of calls) {
      await call.closed;
      const resumed = client.listen(call.lastEventId);
      const { id, error } = await resumed.message(isResponse);
      await resumed.closed;
      expect({ id, error }).toEqual({ id: key, error: { code: -32603, message: GONE } });
      const numbers = [...numbersOf(call), ...numbersOf(resumed)];
      expect(numbers).toEqual(upTo(numbers.length));
      expect(runsOf(bed, key)).toBe(1);
      expect(textOf((await client.call('where')).json)).toContain('instance 1');
      await client.delete();
    }
    expect(await batch.answersElsewhere()).toEqual([{ id: 'running', message: GONE }]);
    for (const outcome of outcomes) expect((await outcome.ended).message).toContain(GONE);
    for (const { key } of outcomes) expect(runsOf(bed, key)).toBe(1);
    for (const client of clients) expect(await client.call('where')).toContain('instance 1');
    expect(clients.map(({ sessionId }) => sessionId)).toEqual(ids);
    for (const client of clients) await client.terminate();
  });
});

/** Three calls of one request, of which one is answered, one is cancelled and one goes on. */
async function beginBatch() {
  const client = await SessionClient.open(a, { version: '2025-03-26' });
  const body = [
    toolCall('stream', { count: 2 }, { id: 'answered', progressToken: 1 }),
    toolCall('wait', { key: fresh('cancelled') }, { id: 'cancelled', progressToken: 2 }),
    toolCall('wait', { key: fresh('running') }, { id: 'running', progressToken: 3 }),
  ];
  const call = client.raw({ method: 'POST', body });
  await Promise.all([2, 3].map((token) => call.message(({ params }) => params?.progressToken === token)));
  await call.message(isResult);
  await client.notify('notifications/cancelled', { requestId: 'cancelled' });
  return {
    async answersElsewhere() {
      await call.closed;
      const resumed = client.with({ url: b.url }).listen(call.lastEventId);
      await resumed.closed;
      await client.with({ url: b.url }).delete();
      return resumed.messages.filter(isResponse).map(({ id, error }) => ({ id, message: error?.message }));
    },
  };
}

/** A call of each client that has begun, and the error it ends with. */
async function beginOnA(
  clients: readonly OfficialClient[],
): Promise<{ key: string; ended: Promise<Error> }[]> {
  const begun: { key: string; ended: Promise<Error> }[] = [];
  bed.proxy.prefer(0);
  for (const client of clients) {
    const key = fresh('official');
    let hasBegun = false;
    const call = client.call('wait', { key }, { onprogress: () => (hasBegun = true) });
    const ended = call.then(
      (text) => new Error(`A result: ${text}`),
      (error: Error) => error,
    );
    begun.push({ key, ended });
    await until(() => hasBegun, 'a call has begun');
  }
  bed.proxy.prefer();
  return begun;
}

it('official clients miss nothing of a call while every connection is cut again and again', async () => {
  await connected(LEGACY_CLIENTS, bed.url, async (clients) => {
    const mark = bed.proxy.served.length;
    const calls = clients.map((client) => {
      const seen: number[] = [];
      const onprogress = ({ progress }: { progress: number }) => void seen.push(progress);
      const call = {
        seen,
        isOver: false,
        ended: client.call('stream', { count: 60, paceMs: 50 }, { onprogress }),
      };
      call.ended.then(
        () => (call.isOver = true),
        () => (call.isOver = true),
      );
      return call;
    });
    for (let cut = 0; cut < 2; cut++) {
      // A client that is cut off again before anything has come does not know any more where it was.
      const marks = calls.map(({ seen }) => seen.length + 3);
      await until(
        () => calls.every(({ seen, isOver }, index) => isOver || seen.length >= (marks[index] as number)),
        'something has come to each of them',
      );
      bed.proxy.cut();
    }
    await Promise.all(calls.map(({ ended }) => ended));
    for (const { seen } of calls) expect(seen).toEqual(upTo(60));
    const resumed = bed.proxy.served.slice(mark).filter(({ verb }) => verb === 'GET');
    expect(new Set(resumed.map(({ instance }) => instance))).toEqual(new Set([0, 1]));
    expect(new Set(resumed.map(({ sessionId }) => sessionId)).size).toBe(clients.length);
    for (const client of clients) await client.terminate();
  });
});
