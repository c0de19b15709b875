import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionClient } from '../support/session-client.js';
import { startBed, type Bed, type Instance } from './bed/bed.js';
import { connected, OFFICIAL_CLIENTS } from './official.js';
import { fresh, isQuestion, isResult, LEGACY_VERSIONS, noteOf, statsOf, textOf } from './support.js';

let bed: Bed;
let a: Instance;
let b: Instance;
beforeAll(async () => {
  bed = await startBed();
  [a, b] = bed.instances as [Instance, Instance];
});
afterAll(() => bed?.close());

/** The instances that have served this session, and with which verbs. */
function servedBy(sessionId: string | undefined) {
  const served = bed.proxy.served.filter((each) => each.sessionId === sessionId);
  return {
    instances: new Set(served.map(({ instance }) => instance)),
    verbs: new Set(served.map(({ verb }) => verb)),
  };
}

describe.each(LEGACY_VERSIONS)('a session of %s', (version) => {
  it('begins, lists, calls, listens and ends, each on another instance than the step before', async () => {
    const client = await SessionClient.open(a, { version });
    const onB = client.with({ url: b.url });
    expect((await onB.request('tools/list')).json.result.tools.length).toBeGreaterThan(5);
    expect(textOf((await client.call('where')).json)).toContain('instance 0');
    const listening = onB.listen();
    expect(await listening.answered()).toBe(200);
    expect((await client.delete()).status).toBe(204);
    await listening.closed;
    for (const at of [client, onB]) {
      const refusals = [
        await at.call('where'),
        await at.get({ accept: 'text/event-stream' }),
        await at.delete(),
      ];
      for (const { status, json } of refusals) {
        expect(status).toBe(404);
        expect(json.error.message).toBe('Session not found');
      }
    }
  });

  it('is one at an instance that gets many of its requests at once and first', async () => {
    const client = await SessionClient.open(a, { version });
    const before = (await statsOf(b))['sessions'] as number;
    const onB = client.with({ url: b.url });
    const key = fresh('cold');
    const answers = await Promise.all(Array.from({ length: 20 }, () => onB.call('run', { key })));
    const runs = answers.map(({ json }) => textOf(json)).toSorted();
    expect(new Set(runs).size).toBe(20);
    expect((await statsOf(b))['sessions']).toBe(before + 1);
    await client.delete();
  });

  it('is not there for another principal, on any instance, and takes no harm', async () => {
    const ada = await SessionClient.open(a, {
      version,
      capabilities: { elicitation: {} },
      headers: { 'x-user': 'ada' },
    });
    const [asking, waiting] = [fresh('asking'), fresh('waiting')];
    const call = ada.begin('ask', { key: asking });
    const wait = ada.begin('wait', { key: waiting, ms: 1_500 }, { id: 'w', progressToken: 1 });
    const question = await call.message(isQuestion);
    await wait.message(({ method }) => method === 'notifications/progress');

    for (const user of ['bob', undefined]) {
      for (const { url } of [a, b]) {
        const { 'x-user': _, ...others } = ada.headers;
        const stranger = new SessionClient(url, ada.id, {
          ...others,
          ...(user !== undefined && { 'x-user': user }),
        });
        const refusals = [
          await stranger.call('where'),
          await stranger.get({ accept: 'text/event-stream' }),
          await stranger.get({ accept: 'text/event-stream', 'last-event-id': call.lastEventId as string }),
          await stranger.answer(question, { action: 'accept', content: { word: 'stolen' } }),
          await stranger.notify('notifications/cancelled', { requestId: 'w' }),
          await stranger.delete(),
        ];
        expect(refusals.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
      }
    }
    expect((await ada.with({ url: b.url }).answer(question, { action: 'decline' })).status).toBe(202);
    expect(textOf(await call.message(isResult))).toContain('decline');
    expect((await noteOf(bed, waiting)).end).toBe('finished');
    await ada.delete();
  });
});

it('official clients of all revisions share the URL, each served by both instances', async () => {
  await connected(OFFICIAL_CLIENTS, bed.url, async (clients) => {
    await Promise.all(
      clients.map(async (client) => {
        expect(await client.listTools()).toContain('where');
        const key = fresh('official');
        for (let run = 1; run <= 6; run++)
          expect(await client.call('run', { key })).toBe(`run ${run} of ${key}`);
      }),
    );
    const legacy = clients.filter(({ sessionId }) => sessionId !== undefined);
    expect(legacy).toHaveLength(4);
    for (const client of legacy) {
      await client.call('remember', { key: 'word', value: 'kept' });
      expect([
        await client.call('recall', { key: 'word' }),
        await client.call('recall', { key: 'word' }),
      ]).toEqual(['kept', 'kept']);
      const id = client.sessionId;
      await client.terminate();
      expect(servedBy(id)).toEqual({ instances: new Set([0, 1]), verbs: new Set(['POST', 'GET', 'DELETE']) });
    }
    const modern = bed.proxy.served.filter(
      ({ message }) => message?.params?._meta?.['io.modelcontextprotocol/protocolVersion'],
    );
    expect(new Set(modern.map(({ instance }) => instance))).toEqual(new Set([0, 1]));
  });
});

it('all instances may be killed between two calls of a session, which does not notice', async () => {
  await connected(OFFICIAL_CLIENTS, bed.url, async (clients) => {
    const legacy = clients.filter(({ sessionId }) => sessionId !== undefined);
    const ids = legacy.map(({ sessionId }) => sessionId);
    await Promise.all(
      legacy.map((client) => client.call('remember', { key: 'word', value: client.sessionId })),
    );
    const pids = [a.pid, b.pid];
    await Promise.all([a.kill('SIGKILL'), b.kill('SIGKILL')]);
    await Promise.all([a.start(), b.start()]);
    expect([a.pid, b.pid]).not.toEqual(pids);
    const mark = bed.proxy.served.length;
    await Promise.all(
      clients.map(async (client) => {
        for (let round = 0; round < 2; round++) expect(await client.listTools()).toContain('where');
        if (client.sessionId) expect(await client.call('recall', { key: 'word' })).toBe(client.sessionId);
      }),
    );
    expect(legacy.map(({ sessionId }) => sessionId)).toEqual(ids);
    const methods = bed.proxy.served.slice(mark).map(({ message }) => message?.method as string | undefined);
    expect(methods).not.toContain('initialize');
    for (const client of legacy) await client.terminate();
  });
});
