import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { ClientRequestAdapter } from '../../adapters/client-request.adapter.js';
import { boundedCase, moment, openHandles, waitFor } from '../bounded-case.js';
import { assertNobodyWaits, requestCase } from './support.js';

export const waitingCases = [
  requestCase(
    'gives up with an error when the time is over, and nothing waits any more',
    async (instances) => {
      const { first, second, ask } = instances;
      const questions = [await ask(first, 'session', 1, 30), await ask(second, undefined, 'two', 30)];
      for (const question of questions) await question.assertFailed();
      await assertNobodyWaits(instances, 'session', 1);
      await assertNobodyWaits(instances, undefined, 'two');
    },
  ),

  requestCase(
    'answers a ping while its store can be reached, whoever waits',
    async ({ first, second, ask }) => {
      const question = await ask(first, 'session', 1);
      for (const adapter of [first, second, first]) await assert.doesNotReject(async () => adapter.ping());
      assert.equal(question.isWaiting, true);
      await second.resolvePending('session', 1, 'an answer');
      await question.assertAnswered('an answer');
    },
  ),

  requestCase('waits as long as it was told', async ({ first, second, ask }) => {
    // The longest delay that a timer of Node takes is shorter, and what is longer fires at once.
    const questions = [await ask(first, 'session', 1, 3_000_000_000), await ask(first, 'session', 2, 20_000)];
    const shorter = await ask(first, 'session', 3, 30);
    await shorter.assertFailed();
    await moment();
    for (const [n, question] of questions.entries()) {
      assert.equal(question.isWaiting, true, 'one question does not give up for another');
      assert.equal(await second.resolvePending('session', n + 1, 'an answer'), true);
      await question.assertAnswered('an answer');
    }
  }),

  requestCase('can ask the same again after an answer, a rejection and a timeout', async (instances) => {
    const { first, second, ask } = instances;
    for (let round = 0; round < 3; round++) {
      const answered = await ask(first, 'session', 1);
      await second.resolvePending('session', 1, { round });
      await answered.assertAnswered({ round });
      const rejected = await ask(second, 'session', 1);
      await second.rejectPending('session', 1, { round });
      await rejected.assertRejected({ round });
      await (await ask(first, 'session', 1, 20)).assertFailed();
    }
    await assertNobodyWaits(instances, 'session', 1);
  }),

  requestCase('ends the older wait when the same is asked again', async (instances) => {
    const { first, second, ask } = instances;
    const older = await ask(first, 'session', 1);
    const newer = await ask(first, 'session', 1);
    await older.assertFailed();
    assert.equal(newer.isWaiting, true);
    assert.equal(await second.resolvePending('session', 1, 'for the newer'), true);
    await newer.assertAnswered('for the newer');
    await assertNobodyWaits(instances, 'session', 1);
  }),

  requestCase('does not give up a newer wait when the time of the older one is over', async (instances) => {
    const { first, second, ask } = instances;
    // A machine that stalls until the older time is over proves nothing: then again, with more time.
    for (const timeoutMs of [40, 200, 1_000]) {
      const begin = Date.now();
      const older = await ask(first, 'session', timeoutMs, timeoutMs);
      const newer = await ask(first, 'session', timeoutMs);
      const wasInTime = Date.now() - begin < timeoutMs / 2;
      await older.assertFailed();
      await waitFor(() => Date.now() - begin > timeoutMs, 'the older time to be over');
      await moment();
      assert.equal(newer.isWaiting, true);
      assert.equal(await second.resolvePending('session', timeoutMs, 'for the newer'), true);
      await newer.assertAnswered('for the newer');
      if (wasInTime) return;
    }
  }),

  requestCase('gives the answer to the newer wait when another instance asks the same', async (instances) => {
    const { first, second, ask } = instances;
    const older = await ask(first, 'session', 1);
    const newer = await ask(second, 'session', 1);
    assert.equal(await first.resolvePending('session', 1, 'for the newer'), true);
    await newer.assertAnswered('for the newer');
    await moment();
    if (!older.isWaiting) await older.assertFailed();
  }),

  requestCase('leaves nothing running after a wait has ended', async ({ first, second, ask }) => {
    const warm = await ask(first, 'session', 'warm');
    await second.resolvePending('session', 'warm', 'answer');
    await warm.outcome();

    const before = openHandles();
    const questions = await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => ask(first, 'session', n)),
      ...Array.from({ length: 10 }, (_, n) => ask(second, 'other', n, 20)),
    ]);
    // Asked again: the older twenty end.
    for (let n = 0; n < 20; n++) questions.push(await ask(first, 'session', n));
    for (let n = 0; n < 20; n++) {
      if (n % 2) await second.resolvePending('session', n, 'an answer');
      else await first.rejectPending('session', n, 'a reason');
    }
    for (const question of questions) await question.outcome();
    // Fifty waits: what others do in this process meanwhile is far less.
    await waitFor(() => openHandles() < before + 10, 'the timers of ended waits to go');
  }),

  boundedCase<ClientRequestAdapter>('fails no promise but the one it gave out', async (subject) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const { adapter } = subject;
      const pending = [1, 2, 2].map((id) => adapter.createPending('session', id, { timeoutMs: 30 }));
      const outcomes = Promise.allSettled(pending.map(({ promise }) => promise));
      for (const { ready } of pending) await ready;
      await adapter.rejectPending('session', 1, new Error('no'));
      for (const { status } of await outcomes) assert.equal(status, 'rejected');
      for (let n = 0; n < 3; n++) await turn();
    } finally {
      process.off('unhandledRejection', note);
    }
    assert.deepEqual(unhandled, []);
  }),

  boundedCase<ClientRequestAdapter>('says how long it waits by default, and closes', async (subject) => {
    const { defaultTimeoutMs } = subject.adapter;
    assert.ok(defaultTimeoutMs > 0, 'the default time to wait is positive');
    const another = await subject.another();
    const { promise, ready } = another.createPending('session', 1, { timeoutMs: 1_000 });
    const outcome = promise.catch(() => 'closed');
    await ready;
    await another.resolvePending('session', 1, 'answer');
    await outcome;
    await another.close();
  }),
];
