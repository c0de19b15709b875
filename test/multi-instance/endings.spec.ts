import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { askedIn, ModernClient } from '../support/modern-client.js';
import { SessionClient } from '../support/session-client.js';
import { modern, type HttpAnswer } from '../support/http.js';
import { RawExchange } from '../support/raw-http.js';
import { startBed, type Bed, type Instance } from './bed/bed.js';
import { connected, OFFICIAL_CLIENTS } from './official.js';
import {
  fresh,
  isQuestion,
  isResponse,
  isResult,
  LEGACY_VERSIONS,
  noteOf,
  notesOf,
  revive,
  runsOf,
  statsOf,
  textOf,
  until,
} from './support.js';

let bed: Bed;
let a: Instance;
let b: Instance;
beforeAll(async () => {
  bed = await startBed({ platform: 'fastify', env: { SHUTDOWN_GRACE_MS: '2000', MAX_SESSIONS: '20' } });
  [a, b] = bed.instances as [Instance, Instance];
});
afterEach(() => revive(bed));
afterAll(() => bed?.close());

const hasBegun = ({ method }: any) => method === 'notifications/progress';

describe.each(LEGACY_VERSIONS)('for a client of %s', (version) => {
  it('a call is cancelled at the other instance than runs it, and is not answered', async () => {
    const client = await SessionClient.open(a, { version });
    const key = fresh('cancelled');
    const call = client.begin('wait', { key }, { id: key, progressToken: 1 });
    await call.message(hasBegun);
    const cancelled = await client.with({ url: b.url }).notify('notifications/cancelled', { requestId: key });
    expect(cancelled.status).toBe(202);
    await call.closed;
    expect(call.messages.some(isResponse)).toBe(false);
    expect((await noteOf(bed, key)).end).toBe('aborted');
    await client.delete();
  });

  it('nobody else cancels a call by its id', async () => {
    const [client, other] = [
      await SessionClient.open(a, { version }),
      await SessionClient.open(b, { version }),
    ];
    const key = fresh('kept');
    const call = client.begin('wait', { key, ms: 300 }, { id: key, progressToken: 1 });
    await call.message(hasBegun);
    for (const { url } of [a, b])
      await other.with({ url }).notify('notifications/cancelled', { requestId: key });
    expect(textOf(await call.message(isResult))).toBe('finished on instance 0');
    await Promise.all([client.delete(), other.delete()]);
  });

  it('the end of a session at one instance ends all that the other one runs for it', async () => {
    const client = await SessionClient.open(a, { version });
    const key = fresh('ended');
    const call = client.begin('wait', { key }, { progressToken: 1 });
    const listening = client.listen();
    await Promise.all([call.message(hasBegun), listening.answered()]);
    expect((await client.with({ url: b.url }).delete()).status).toBe(204);
    await Promise.all([call.closed, listening.closed]);
    expect((await noteOf(bed, key)).end).toBe('aborted');
  });
});

it('no session ends to make room at one instance while the other one holds its stream', async () => {
  const client = await SessionClient.open(a);
  const listening = client.with({ url: b.url }).listen();
  await listening.answered();
  const others = await Promise.all(Array.from({ length: 40 }, () => SessionClient.open(a)));
  expect((await statsOf(a))['sessions']).toBe(20);
  expect(listening.isComplete).toBe(false);
  expect((await client.request('ping')).status).toBe(200);
  const pings = await Promise.all(others.map((other) => other.with({ url: b.url }).request('ping')));
  expect(pings.filter(({ status }) => status === 404).length).toBeGreaterThan(0);
  listening.cut();
  await Promise.all([client, ...others].map((each) => each.delete()));
});

it('official clients cancel through the proxy what any instance runs', async () => {
  await connected(OFFICIAL_CLIENTS, bed.url, async (clients) => {
    for (const client of clients) {
      const key = fresh('official');
      const stop = new AbortController();
      const onprogress = () => stop.abort(new Error('changed my mind'));
      bed.proxy.prefer(0);
      const call = client.call('wait', { key }, { onprogress, signal: stop.signal });
      stop.signal.addEventListener('abort', () => bed.proxy.prefer(1));
      await expect(call).rejects.toThrow('changed my mind');
      expect((await noteOf(bed, key)).end).toBe('aborted');
      bed.proxy.prefer();
      await client.terminate();
    }
  });
});

describe('an instance that is told to end', () => {
  it('ends what only listens, lets a call finish, refuses others, and leaves its sessions to the other one', async () => {
    const client = await SessionClient.open(a);
    const listening = client.listen();
    await listening.answered();
    const [body, headers] = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const subscription = new RawExchange(a.url, { method: 'POST', body, headers });
    await subscription.message(({ method }) => method === 'notifications/subscriptions/acknowledged');
    const key = fresh('graceful');
    const calls = [
      client.begin('work', { key, ms: 1_000 }, { progressToken: 1 }),
      ModernClient.tool(a, 'work', { key, ms: 1_000 }, { progressToken: 1 }).begin(),
    ];
    await Promise.all(calls.map((call) => call.message(hasBegun)));
    const gone = a.kill('SIGTERM');
    await Promise.all([listening.closed, subscription.closed]);
    expect(calls.some(({ messages }) => messages.some(isResult))).toBe(false);
    expect(subscription.messages.at(-1)).toMatchObject({ result: { resultType: 'complete' } });

    const refused = await client.call('where');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.json.error).toEqual({ code: -32603, message: 'The server is shutting down' });

    for (const call of calls) expect(textOf(await call.message(isResult))).toBe('worked on instance 0');
    await gone;
    expect(notesOf(bed, key).map(({ end }) => end)).toEqual(['finished', 'finished']);
    const onB = client.with({ url: b.url });
    expect(textOf((await onB.call('where')).json)).toContain('instance 1');
    const resumed = onB.listen(listening.lastEventId);
    expect(await resumed.answered()).toBe(200);
    resumed.cut();
    await onB.delete();
  });

  it('hears the answers to what it has asked, and leaves what waits for a client of 2026-07-28 to the other one', async () => {
    const [asking, parked, repeatable] = [fresh('asking'), fresh('parked'), fresh('repeatable')];
    const client = await SessionClient.open(a, { capabilities: { elicitation: {} } });
    const call = client.begin('ask', { key: asking });
    const question = await call.message(isQuestion);
    const calls = [
      ModernClient.tool(a, 'ask', { key: parked }),
      ModernClient.tool(a, 'ask_repeatable', { key: repeatable }),
    ] as const;
    const [first, second] = await Promise.all([calls[0].send(), calls[1].send()]);
    const gone = a.kill('SIGTERM');

    const answer = { action: 'accept', content: { word: 'yes' } };
    expect((await client.with({ url: b.url }).answer(question, answer)).status).toBe(202);
    expect(textOf(await call.message(isResult))).toBe('accept yes, run 1 on instance 0');
    await gone;
    const responses = (asked: HttpAnswer) => ({ [Object.keys(askedIn(asked))[0] as string]: answer });
    const over = await calls[0].with({ url: b.url }).answer(first, responses(first));
    expect(over.json.error.code).toBe(-32602);
    const again = await calls[1].with({ url: b.url }).answer(second, responses(second));
    expect(textOf(again.json)).toBe('accept yes, run 2 on instance 1');
    expect([runsOf(bed, parked), runsOf(bed, repeatable)]).toEqual([1, 2]);
    await client.with({ url: b.url }).delete();
  });

  it('gives up what takes longer than it may, and says so', async () => {
    const client = await SessionClient.open(a);
    const key = fresh('too-long');
    const call = client.begin('wait', { key }, { id: key, progressToken: 1 });
    await call.message(hasBegun);
    await a.kill('SIGTERM');
    await call.closed;
    const { id, error } = call.messages.at(-1);
    expect({ id, error }).toEqual({
      id: key,
      error: { code: -32603, message: 'The server is shutting down' },
    });
    expect(notesOf(bed, key).map(({ end }) => end)).toEqual(['aborted']);
    await client.with({ url: b.url }).delete();
  });

  it('is no trouble to official clients', async () => {
    await connected(OFFICIAL_CLIENTS, bed.url, async (clients) => {
      let begun = 0;
      const key = fresh('official');
      bed.proxy.prefer(0);
      const calls = clients.map((client) =>
        client.call('work', { key, ms: 800 }, { onprogress: () => void begun++ }),
      );
      await until(() => begun === clients.length, 'all calls have begun');
      const gone = a.kill('SIGTERM');
      bed.proxy.prefer(1);
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['worked on instance 0']));
      await gone;
      bed.proxy.prefer();
      for (const client of clients) expect(await client.call('where')).toContain('instance 1');
      for (const client of clients) await client.terminate();
    });
  });
});

it('leaves no stream, call or subscription at an instance when all of them are over', async () => {
  for (const instance of [a, b])
    await until(async () => {
      const { streams, requests, subscriptions, parkedCalls } = await statsOf(instance);
      // The request that asks is one.
      return streams === 0 && requests === 1 && subscriptions === 0 && parkedCalls === 0;
    }, 'nothing is left');
});
