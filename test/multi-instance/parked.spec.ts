import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { askedIn, ModernClient, stateOf } from '../support/modern-client.js';
import type { HttpAnswer } from '../support/http.js';
import type { RawExchange } from '../support/raw-http.js';
import { startStore } from '../support/stores.js';
import { startBed, type Bed, type Instance } from './bed/bed.js';
import { connected, MODERN_CLIENTS } from './official.js';
import { fresh, notesOf, noteOf, revive, runsOf, statsOf, textOf, until } from './support.js';

let bed: Bed;
let a: Instance;
let b: Instance;
beforeAll(async () => {
  bed = await startBed();
  [a, b] = bed.instances as [Instance, Instance];
});
afterEach(() => revive(bed));
afterAll(() => bed?.close());

const ada = { headers: { 'x-user': 'ada' } };

/** Obliging answers to all that was asked. */
function answersTo(answer: HttpAnswer): Record<string, unknown> {
  const answers = Object.entries(askedIn(answer)).map(([key, { method }]) => {
    if (method === 'roots/list') return [key, { roots: [{ uri: 'file:///a' }] }];
    if (method === 'elicitation/create') return [key, { action: 'accept', content: { word: 'yes' } }];
    return [key, { role: 'assistant', model: 'm', content: { type: 'text', text: 'hm' } }];
  });
  return Object.fromEntries(answers) as Record<string, unknown>;
}

/** Asked by one instance, answered at the other, whose stream this is. */
async function continuedOnB(onA: ModernClient): Promise<RawExchange> {
  const asked = await onA.send();
  return onA.with({ url: b.url }).begin({ inputResponses: answersTo(asked), requestState: stateOf(asked) });
}

async function expectGone(instance: Instance): Promise<void> {
  await until(async () => (await statsOf(instance))['parkedCalls'] === 0, 'no call is parked');
}

describe('a call that waits for its client', () => {
  it.each([
    ['elicit', 'accept yes, accept yes, accept yes'],
    ['sample', '"hm"'],
    ['roots', 'file:///a, file:///a'],
  ])('goes on whichever instance the next request comes to, and runs once: %s', async (kind, outcome) => {
    const key = fresh('parked');
    const onA = ModernClient.tool(a, 'ask', { key, kind, times: 3 });
    const onB = onA.with({ url: b.url });
    let answer = await onA.send();
    for (const client of [onB, onA, onB]) answer = await client.answer(answer, answersTo(answer));
    expect(textOf(answer.json)).toContain(outcome);
    expect(textOf(answer.json)).toContain('run 1 on instance 0');
    expect(runsOf(bed, key)).toBe(1);
    await expectGone(a);
  });

  it('streams to whichever instance its client is at', async () => {
    const key = fresh('streams');
    const onA = ModernClient.tool(a, 'ask_and_stream', { key, count: 5 }, { progressToken: 'p' });
    const stream = await continuedOnB(onA);
    expect(textOf(await stream.message((message) => 'result' in message))).toContain('on instance 0');
    expect(stream.messages.slice(0, -1).map(({ params }) => params.progress)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is nobody else’s: a state that is tampered with or used otherwise is refused, and runs nothing', async () => {
    const key = fresh('bound');
    const onA = ModernClient.tool(a, 'ask', { key }, ada);
    const asked = await onA.send();
    const state = stateOf(asked);
    const inputResponses = answersTo(asked);
    const middle = state.length / 2;
    const tampered = state.slice(0, middle) + (state[middle] === 'A' ? 'B' : 'A') + state.slice(middle + 1);
    const foreign: [ModernClient, string][] = [
      [onA, tampered],
      [onA.with({ headers: { 'x-user': 'bob' } }), state],
      [onA.with({ headers: {} }), state],
      [onA.with({ params: { name: 'ask_repeatable' } }), state],
      [onA.with({ params: { arguments: { key: `${key}-other` } } }), state],
    ];
    for (const [client, requestState] of foreign) {
      for (const { url } of [a, b]) {
        const { json } = await client.with({ url }).send({ inputResponses, requestState });
        expect(json.error.code).toBe(-32602);
      }
    }
    expect(runsOf(bed, key)).toBe(1);
    expect(notesOf(bed, key)).toEqual([]);
    const done = await onA.with({ url: b.url }).answer(asked, inputResponses);
    expect(textOf(done.json)).toBe('accept yes, run 1 on instance 0');
    const again = await onA.with({ url: b.url }).answer(asked, inputResponses);
    expect(again.json.error.code).toBe(-32602);
    expect(runsOf(bed, key)).toBe(1);
  });

  it('is aborted when its client leaves while the other instance serves it', async () => {
    const key = fresh('left');
    const onA = ModernClient.tool(
      a,
      'ask_and_stream',
      { key, count: 1_000, paceMs: 20 },
      { progressToken: 'p' },
    );
    const stream = await continuedOnB(onA);
    await stream.message(({ params }) => params?.progress === 3);
    stream.cut();
    expect((await noteOf(bed, key)).end).toBe('aborted');
    await expectGone(a);
  });

  it('whose instance dies is over, where its client goes on or is served; it runs again if it may', async () => {
    const [once, repeatable, serving] = [fresh('once'), fresh('repeatable'), fresh('serving')];
    const parked = [
      ModernClient.tool(a, 'ask', { key: once, times: 2 }),
      ModernClient.tool(a, 'ask_repeatable', { key: repeatable, times: 2 }),
    ] as const;
    const asked = await Promise.all(parked.map((call) => call.send()));
    const args = { key: serving, count: 10_000, paceMs: 20 };
    const served = await continuedOnB(ModernClient.tool(a, 'ask_and_stream', args, { progressToken: 'p' }));
    await served.message(({ params }) => params?.progress === 3);
    await a.kill('SIGKILL');

    const [over, again] = (await Promise.all(
      parked.map((call, index) => {
        const last = asked[index] as HttpAnswer;
        return call.with({ url: b.url }).answer(last, answersTo(last));
      }),
    )) as [HttpAnswer, HttpAnswer];
    const isOver = {
      code: -32602,
      message: 'The call that requestState belongs to is over; call again without it',
    };
    expect(over.json.error).toEqual(isOver);
    const done = await parked[1].with({ url: b.url }).answer(again, answersTo(again));
    expect(textOf(done.json)).toBe('accept yes, accept yes, run 2 on instance 1');
    const { error } = await served.message((message) => 'error' in message);
    expect(error).toEqual(isOver);
    expect([once, repeatable, serving].map((key) => runsOf(bed, key))).toEqual([1, 2, 1]);
  });
});

it('official clients answer round by round, each at another instance', async () => {
  await connected(MODERN_CLIENTS, bed.url, async (clients) => {
    for (const client of clients) {
      for (const kind of ['elicit', 'sample', 'roots']) {
        const key = fresh('official');
        const mark = bed.proxy.served.length;
        expect(await client.call('ask', { key, kind, times: 2 })).toMatch(/run 1 on instance \d$/);
        expect(bed.proxy.served.slice(mark).map(({ instance }) => instance)).toHaveLength(3);
        expect(new Set(bed.proxy.served.slice(mark).map(({ instance }) => instance))).toEqual(
          new Set([0, 1]),
        );
        expect(runsOf(bed, key)).toBe(1);
      }
    }
  });
});

it('instances that share a store do not start without the secret that they have to share too', async () => {
  const store = await startStore();
  try {
    const starting = startBed({ instances: 1, store, env: { REQUEST_STATE_SECRET: '' } });
    await expect(starting).rejects.toThrow(/requestStateSecret is missing/);
  } finally {
    await store.dispose();
  }
});
