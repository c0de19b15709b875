import assert from 'node:assert/strict';
import type { EventId, StreamEvent } from '../../adapters/stream-event.js';
import { moment, openHandles, waitFor, within } from '../bounded-case.js';
import { assertSameJson } from '../json.js';
import { append, appendMany, Follower, newSession, replay, sessionCase } from './support.js';

export const subscribeCases = [
  sessionCase('follows a stream: first the log, then what comes, from any instance', async (session) => {
    const { first, second, id, over } = session;
    const priming = await append(first, id, 'stream', 'priming');
    await append(first, id, 'stream', 'in the log');
    const follower = new Follower(second, id, priming, over);
    await follower.received(1);
    await append(first, id, 'other', 'not for this reader');
    const ids = [await append(first, id, 'stream', 'live'), await append(second, id, 'stream', 'from here')];
    await follower.received(3);
    await moment();
    assertSameJson(follower.messages, ['in the log', 'live', 'from here']);
    assertSameJson(follower.ids.slice(1), ids);
    await follower.stop();
  }),

  sessionCase('gives each event once and in order while two instances append', async (session) => {
    const { first, second, id, over } = session;
    const priming = await append(first, id, 'stream', 'priming');
    const followers: Follower[] = [];
    for (let round = 0; round < 10; round++) {
      const appended = Array.from({ length: 10 }, (_, n) =>
        append(n % 2 === 0 ? first : second, id, 'stream', `${round}/${n}`),
      );
      // Begun in the middle of it: what is in the log already and what comes next must neither overlap nor leave a gap.
      if (round < 6) followers.push(new Follower(round % 2 === 0 ? first : second, id, priming, over));
      await Promise.all(appended);
    }
    const { events } = await replay(second, id, priming);
    assert.equal(events.length, 100);
    for (const follower of followers) await follower.received(100);
    await moment();
    for (const follower of followers) assertSameJson(follower.events, events);
    for (const follower of followers) await follower.stop();
  }),

  sessionCase(
    'gives what was appended while the log is still being given',
    async ({ first, second, id, over }) => {
      const priming = await append(first, id, 'stream', 'priming');
      await append(first, id, 'stream', 'message 0');
      const seen: unknown[] = [];
      const reading = (async () => {
        for await (const { message } of second.subscribe(id, priming, over)) {
          seen.push(message);
          if (seen.length === 20) return;
          await append(first, id, 'stream', `message ${seen.length}`);
        }
      })();
      await within(reading, 'twenty events, each appended while the one before is given');
      assertSameJson(
        seen,
        Array.from({ length: 20 }, (_, n) => `message ${n}`),
      );
    },
  ),

  sessionCase(
    'is resumed after any event without a gap or a repetition',
    async ({ first, second, id, over }) => {
      let last = await append(first, id, 'stream', 'priming');
      const seen: unknown[] = [];
      for (let n = 0; n < 12; n++) {
        if (n % 3 === 0) for (let i = 0; i < 3; i++) await append(first, id, 'stream', `message ${n + i}`);
        const events = (n % 2 === 0 ? first : second).subscribe(id, last, over)[Symbol.asyncIterator]();
        const { value } = (await within(events.next(), 'an event')) as IteratorResult<StreamEvent, undefined>;
        await within(Promise.resolve(events.return?.()), 'an iteration that was left to end');
        last = value?.id as EventId;
        seen.push(value?.message);
      }
      assertSameJson(
        seen,
        Array.from({ length: 12 }, (_, n) => `message ${n}`),
      );
    },
  ),

  sessionCase('ends without an error when its signal is aborted', async ({ first, second, id, over }) => {
    const priming = await append(first, id, 'stream', 'priming');
    const idle = [new Follower(first, id, priming, over), new Follower(second, id, priming, over)];
    await moment();
    for (const follower of idle) await follower.stop();
    await append(first, id, 'stream', 'too late');
    await moment();
    for (const follower of idle) assertSameJson(follower.messages, [], 'nothing is given after the abort');

    const aborted = new Follower(second, id, priming, AbortSignal.abort());
    await aborted.stop();
  }),

  sessionCase('ends when the session is deleted', async ({ first, second, id, over }) => {
    const priming = await append(first, id, 'stream', 'priming');
    const followers = [new Follower(first, id, priming, over), new Follower(second, id, priming, over)];
    await append(second, id, 'stream', 'message');
    for (const follower of followers) await follower.received(1);
    await first.delete(id);
    for (const follower of followers) {
      await follower.ended('the end of an iteration after its session was deleted');
      assertSameJson(follower.messages, ['message']);
    }
  }),

  sessionCase('ends when the session is ended', async ({ first, second, id, over }) => {
    const priming = await append(first, id, 'stream', 'priming');
    const followers = [new Follower(first, id, priming, over), new Follower(second, id, priming, over)];
    await moment();
    await second.end(id);
    for (const follower of followers)
      await follower.ended('the end of an iteration after its session was ended');
  }),

  sessionCase('follows nothing in a session that does not exist', async ({ first, second, id, over }) => {
    const eventId = await append(first, id, 'stream', 'priming');
    for (const unknown of ['', '__proto__', second.generateSessionId()]) {
      const follower = new Follower(second, unknown, eventId, over);
      await follower.ended('the end of an iteration without a session');
      assertSameJson(follower.messages, []);
    }
  }),

  sessionCase(
    'gives nothing after an id that is no event of the session',
    async ({ first, second, id, over }) => {
      const other = await newSession(second);
      const foreign = await append(second, other, 'stream', 'priming');
      await append(first, other, 'stream', 'secret');
      await append(first, id, 'stream', 'priming');
      const followers = [foreign, '', '0', 'nonsense'].map(
        (eventId) => new Follower(second, id, eventId, over),
      );
      await append(first, id, 'stream', 'message');
      await moment();
      for (const follower of followers) {
        assertSameJson(follower.messages, []);
        const hadEnded = follower.hasEnded;
        const isStopped = await follower.stop().then(
          () => true,
          () => false,
        );
        const isTold = follower.hasLostEvents || (isStopped && !hadEnded);
        assert.ok(isTold, 'what is lost is told by an error of code MCP_EVENTS_LOST');
      }
    },
  ),

  sessionCase(
    'tells a reader who is too far behind that events were lost',
    async ({ first, second, id, over }) => {
      const priming = await append(first, id, 'stream', 'priming');
      const start = await append(first, id, 'stream', 'first');
      const events = second.subscribe(id, priming, over)[Symbol.asyncIterator]();
      const { value } = (await within(events.next(), 'an event')) as IteratorResult<StreamEvent, undefined>;
      assert.equal(value?.id, start);

      // Meanwhile the reader does not read.
      const { events: appended } = await appendMany(first, id, 'stream', start);
      const seen: EventId[] = [];
      try {
        while (seen.length < appended.length) {
          const next = (await within(events.next(), 'an event')) as IteratorResult<StreamEvent, undefined>;
          assert.notEqual(next.done, true, 'the iteration does not end while the session is there');
          seen.push(next.value?.id as EventId);
        }
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'MCP_EVENTS_LOST') throw error;
      }
      assertSameJson(
        seen,
        appended.slice(0, seen.length).map((event) => event.id),
        'no gap without an error',
      );
      await events.return?.();
    },
  ),

  sessionCase('goes on following a stream that was idle while many others were not', async (session) => {
    const { first, second, id, over } = session;
    const priming = await append(first, id, 'idle', 'priming');
    const followers = [new Follower(first, id, priming, over), new Follower(second, id, priming, over)];
    await moment();
    for (let n = 0; n < 150; n++) await append(first, id, `busy-${n}`, 'message');
    await append(second, id, 'idle', 'at last');
    for (const follower of followers) {
      await waitFor(
        () => follower.events.length > 0 || follower.hasEnded,
        'an event or an error, not silence',
      );
      if (follower.hasEnded)
        assert.ok(follower.hasLostEvents, 'it ends with an error of code MCP_EVENTS_LOST');
      else assertSameJson(follower.messages, ['at last']);
    }
  }),

  sessionCase('leaves nothing running after an iteration has ended', async ({ first, second, id, over }) => {
    const priming = await append(first, id, 'stream', 'priming');
    const warm = new Follower(second, id, priming, over);
    await append(first, id, 'stream', 'message');
    await warm.received(1);
    await warm.stop();

    const before = openHandles();
    for (let round = 0; round < 3; round++) {
      const followers = Array.from({ length: 10 }, () => new Follower(second, id, priming, over));
      for (const follower of followers) await follower.received(1);
      for (const follower of followers) await follower.stop();
    }
    // Thirty iterations: what others do in this process meanwhile is far less.
    await waitFor(() => openHandles() < before + 10, 'the timers of ended iterations to go');
  }),
];
