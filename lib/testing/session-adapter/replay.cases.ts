import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventId } from '../../adapters/stream-event.js';
import { assertSameJson } from '../json.js';
import { append, appendMany, assertReplaysNothing, newSession, replay, sessionCase } from './support.js';

export const replayCases = [
  sessionCase(
    'replays what follows an event: of its stream only, in order, without the event',
    async (session) => {
      const { first, second, id } = session;
      const ids: EventId[][] = [[], [], []];
      for (let n = 0; n < 12; n++) {
        for (const [stream, list] of ids.entries()) {
          list.push(await append(n % 2 === 0 ? first : second, id, `stream-${stream}`, `${stream}/${n}`));
        }
      }
      for (const [stream, list] of ids.entries()) {
        for (const [n, after] of list.entries()) {
          const { result, events } = await replay(n % 2 === 0 ? second : first, id, after);
          const expected = list
            .slice(n + 1)
            .map((each, i) => ({ id: each, message: `${stream}/${n + 1 + i}` }));
          assertSameJson(events, expected, `what follows ${stream}/${n}`);
          assert.notEqual(result, false, 'false means that something is missing');
        }
      }
    },
  ),

  sessionCase('replays nothing after the newest event, which is complete', async ({ first, second, id }) => {
    await append(first, id, 'stream', 'one');
    const newest = await append(first, id, 'stream', 'two');
    await append(first, id, 'another', 'three');
    for (const adapter of [first, second]) {
      const { result, messages } = await replay(adapter, id, newest);
      assertSameJson(messages, []);
      assert.notEqual(result, false, 'false means that something is missing');
    }
  }),

  sessionCase('waits for each write before the next', async ({ first, second, id }) => {
    const priming = await append(first, id, 'stream', 'priming');
    for (let n = 0; n < 8; n++) await append(first, id, 'stream', `message ${n}`);
    let writing = 0;
    const written: unknown[] = [];
    await second.replay(id, priming, async (_eventId, message) => {
      assert.equal(++writing, 1, 'one write at a time');
      await delay(2);
      written.push(message);
      writing--;
    });
    assert.equal(written.length, 8, 'replay ends after the last write');
    assertSameJson(
      written,
      Array.from({ length: 8 }, (_, n) => `message ${n}`),
    );
  }),

  sessionCase('replays nothing for an id that is no event', async ({ first, second, id }) => {
    const priming = await append(first, id, 'stream', 'priming');
    await append(first, id, 'stream', 'one');
    await append(second, id, 'stream', 'two');
    const malformed = [
      ...['', ' ', 'nonsense', '0', '-1', '00', '0#stream', '-1#stream', '#', '#stream', ':', '0-0', 'NaN'],
      ...['undefined', 'null', '__proto__', 'constructor', '$', '-', '+', '../..', '👋', 'x'.repeat(1_000)],
      ...['9'.repeat(40), `${'9'.repeat(40)}#stream`, `x${priming}`, `${priming}x`, `${priming}\n${priming}`],
    ];
    for (const adapter of [first, second]) {
      for (const eventId of malformed) await assertReplaysNothing(adapter, id, eventId);
    }
  }),

  sessionCase('replays nothing for an event of another session', async ({ first, second, id }) => {
    const other = await newSession(second);
    const foreign: EventId[] = [];
    for (let n = 0; n < 4; n++) {
      foreign.push(await append(first, other, 'stream', `secret ${n}`));
      await append(second, id, 'stream', `own ${n}`);
    }
    for (const eventId of foreign) {
      await assertReplaysNothing(first, id, eventId);
      await assertReplaysNothing(second, id, eventId);
    }
  }),

  sessionCase('replays nothing of a session that does not exist', async ({ first, second, id }) => {
    const eventId = await append(first, id, 'stream', 'priming');
    await append(first, id, 'stream', 'message');
    for (const unknown of ['', '__proto__', `${id}x`, second.generateSessionId()]) {
      await assertReplaysNothing(first, unknown, eventId);
      await assertReplaysNothing(second, unknown, eventId);
    }
  }),

  sessionCase('never claims that a replay is complete when old events were dropped', async (session) => {
    const { first, second, id } = session;
    const priming = await append(first, id, 'stream', 'priming');
    const { events } = await appendMany(first, id, 'stream', priming);
    const { result, events: kept } = await replay(second, id, priming);
    if (result === true) assert.equal(kept.length, events.length, 'true means that nothing is missing');
    if (result !== false)
      assertSameJson(kept, events.slice(events.length - kept.length), 'the newest are kept');

    const newest = events.at(-1)?.id as EventId;
    const last = events.at(-2)?.id as EventId;
    assertSameJson((await replay(second, id, last)).events, events.slice(-1), 'the newest event is kept');
    const { result: complete } = await replay(second, id, newest);
    assert.notEqual(complete, false, 'nothing is missing after the newest');
  }),

  sessionCase('gives several readers each the whole', async ({ first, second, id }) => {
    const priming = await append(first, id, 'stream', 'priming');
    const expected = Array.from({ length: 30 }, (_, n) => `message ${n}`);
    for (const message of expected) await append(first, id, 'stream', message);
    const readers = Array.from({ length: 8 }, (_, n) => replay(n % 2 === 0 ? first : second, id, priming));
    for (const { messages } of await Promise.all(readers)) assertSameJson(messages, expected);
  }),
];
