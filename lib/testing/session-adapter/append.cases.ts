import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { EventId } from '../../adapters/stream-event.js';
import { assertSameJson, JSON_VALUES, vandalise } from '../json.js';
import { UNKNOWN_IDS } from './facts.cases.js';
import { append, appendMany, newSession, replay, sessionCase } from './support.js';

export const appendCases = [
  sessionCase('appends nothing to a session that does not exist', async ({ first, second }) => {
    const unknown = first.generateSessionId();
    for (const id of [...UNKNOWN_IDS, unknown]) {
      assert.equal(await first.appendEvent(id, 'stream', 'message'), undefined);
      assert.equal(await second.has(id), false, 'appending does not create a session');
    }
    await first.create(unknown, { protocolVersion: '2025-11-25' });
    const priming = await append(first, unknown, 'stream', 'priming');
    assertSameJson((await replay(second, unknown, priming)).messages, []);
  }),

  sessionCase('gives events ids of visible ASCII that are unique in the session', async (session) => {
    const { first, second, id } = session;
    const ids: EventId[] = [];
    for (let n = 0; n < 60; n++) {
      ids.push(await append(n % 2 === 0 ? first : second, id, `stream-${n % 3}`, 'the same message'));
    }
    for (const eventId of ids) assert.match(eventId, /^[\x21-\x7e]+$/, 'an event id is visible ASCII');
    assert.equal(new Set(ids).size, ids.length);
  }),

  sessionCase('never uses an event id again after old events were dropped', async ({ first, second, id }) => {
    const priming = await append(first, id, 'stream', 'priming');
    const { events } = await appendMany(first, id, 'stream', priming);
    const ids = [priming, ...events.map((event) => event.id)];
    for (let n = 0; n < 50; n++)
      ids.push(await append(second, id, n % 2 === 0 ? 'stream' : 'another', 'more'));
    assert.equal(new Set(ids).size, ids.length);
  }),

  sessionCase('never uses an event id again after a stream was dropped', async ({ first, second, id }) => {
    const ids: EventId[] = [];
    for (let n = 0; n < 5; n++) ids.push(await append(first, id, 'stream', `early ${n}`));
    for (let n = 0; n < 150; n++) ids.push(await append(second, id, `other-${n}`, 'message'));
    for (let n = 0; n < 5; n++) ids.push(await append(first, id, 'stream', `late ${n}`));
    assert.equal(new Set(ids).size, ids.length);

    const all = [
      'early 1',
      'early 2',
      'early 3',
      'early 4',
      'late 0',
      'late 1',
      'late 2',
      'late 3',
      'late 4',
    ];
    const { result, messages } = await replay(second, id, ids[0] as EventId);
    if (result === true) assertSameJson(messages, all, 'replay gives all that follows, or false');
    const late = await replay(second, id, ids.at(-5) as EventId);
    assertSameJson(late.messages, all.slice(-4), 'what came after the stream was dropped is there');
  }),

  sessionCase('makes an event visible to every instance before its id is given', async (session) => {
    const { first, second, id } = session;
    const priming = await append(first, id, 'stream', 'priming');
    const expected: string[] = [];
    for (let n = 0; n < 20; n++) {
      const [writer, reader] = n % 2 === 0 ? [first, second] : [second, first];
      expected.push(`message ${n}`);
      await append(writer, id, 'stream', `message ${n}`);
      assertSameJson((await replay(reader, id, priming)).messages, expected);
    }
  }),

  sessionCase(
    'keeps all events that two instances append at the same time, in one order',
    async (session) => {
      const { first, second, id } = session;
      const priming = await append(first, id, 'stream', 'priming');
      const other = await append(first, id, 'other', 'priming');
      const messages = Array.from({ length: 100 }, (_, n) => `message ${n}`);
      const ids = await Promise.all(
        messages.map((message, n) =>
          append(n % 2 === 0 ? first : second, id, n % 10 === 9 ? 'other' : 'stream', message),
        ),
      );
      assert.equal(new Set([priming, other, ...ids]).size, 102, 'ids are unique');

      for (const [stream, start, count] of [
        ['stream', priming, 90],
        ['other', other, 10],
      ] as const) {
        const seen = await replay(first, id, start);
        assert.equal(seen.events.length, count, `all events of ${stream} survive`);
        for (const event of seen.events) {
          assert.equal(
            event.message,
            messages[ids.indexOf(event.id)],
            'an event has the id that was given for it',
          );
        }
        assertSameJson(
          (await replay(second, id, start)).events,
          seen.events,
          'every reader sees the same order',
        );
        const middle = seen.events[4] as { id: EventId };
        assertSameJson((await replay(second, id, middle.id)).events, seen.events.slice(5));
      }
    },
  ),

  sessionCase(
    'keeps the messages of many new streams begun at the same time',
    async ({ first, second, id }) => {
      const streams = Array.from({ length: 16 }, (_, n) => `stream-${n}`);
      const starts = await Promise.all(
        streams.map((name, n) => append(n % 2 ? first : second, id, name, 'priming')),
      );
      await Promise.all(streams.map((name, n) => append(n % 2 ? second : first, id, name, name)));
      for (const [n, name] of streams.entries()) {
        assertSameJson((await replay(first, id, starts[n] as EventId)).messages, [name]);
      }
    },
  ),

  sessionCase('keeps every JSON value as it was given', async ({ first, second, id }) => {
    const priming = await append(first, id, 'stream', 'priming');
    for (const value of JSON_VALUES) await append(first, id, 'stream', value);
    assertSameJson((await replay(second, id, priming)).messages, JSON_VALUES);
  }),

  sessionCase('keeps a large message as it was given', async ({ first, second, id }) => {
    const large = `r{"text":"${'Grüße, 日本語, 👋 '.repeat(20_000)}"}`;
    const priming = await append(first, id, 'stream', 'priming');
    await append(first, id, 'stream', large);
    const { messages } = await replay(second, id, priming);
    assert.equal(messages.length, 1);
    assert.ok(messages[0] === large, 'a large message is not cut and not changed');
  }),

  sessionCase('is not changed through messages it was given or gave out', async ({ first, second, id }) => {
    const given = { method: 'notify', params: { list: [1, { two: 2 }] } };
    const expected = [structuredClone(given)];
    const priming = await append(first, id, 'stream', 'priming');
    await append(first, id, 'stream', given);
    vandalise(given);
    for (const adapter of [first, second]) {
      const { messages } = await replay(adapter, id, priming);
      assertSameJson(messages, expected);
      messages.forEach(vandalise);
    }
    assertSameJson((await replay(first, id, priming)).messages, expected);
  }),

  sessionCase('keeps streams apart whatever they are called', async ({ first, second, id }) => {
    const names = [
      'a',
      'A',
      'a#b',
      'b',
      'a:b',
      'a/b',
      '../a',
      'a%2Fb',
      'a*',
      '__proto__',
      'constructor',
      '1',
      '1-1',
    ];
    const starts = await Promise.all(names.map((name) => append(first, id, name, 'priming')));
    for (const name of [...names].reverse()) await append(second, id, name, `to ${name}`);
    for (const [n, name] of names.entries()) {
      assertSameJson((await replay(first, id, starts[n] as EventId)).messages, [`to ${name}`]);
    }
  }),

  sessionCase('keeps the streams of two sessions apart', async ({ first, second, id }) => {
    const other = await newSession(second);
    const start = await append(first, id, 'stream', 'priming');
    const otherStart = await append(second, other, 'stream', 'priming');
    await append(first, other, 'stream', 'for the other');
    await append(second, id, 'stream', 'for the one');
    assertSameJson((await replay(second, id, start)).messages, ['for the one']);
    assertSameJson((await replay(first, other, otherStart)).messages, ['for the other']);
  }),

  sessionCase(
    'names the stream of an event, or says that the id does not tell',
    async ({ first, second, id }) => {
      for (const name of ['stream', 'a:b', 'a#b', '7', randomUUID()]) {
        const eventId = await append(first, id, name, 'message');
        for (const adapter of [first, second]) {
          const streamId = adapter.streamIdOf(eventId);
          assert.ok(
            streamId === name || streamId === undefined,
            `${eventId} is of ${name}, not of ${streamId}`,
          );
        }
      }
      for (const malformed of ['', 'nonsense', '__proto__', '0']) {
        assert.equal(first.streamIdOf(malformed), undefined, `${malformed} names no stream`);
      }
    },
  ),
];
