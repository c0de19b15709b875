import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../bounded-case.js';
import { assertSameJson } from '../json.js';
import { UNKNOWN_IDS } from './facts.cases.js';
import { append, META, newSession, sessionCase } from './support.js';

const LONG_MS = 60_000;

export const lifetimeCases = [
  sessionCase('opens a session with its facts, on every instance', async ({ first, second }) => {
    const meta = { protocolVersion: '2025-06-18', principal: 'somebody', more: { facts: [1, null] } };
    const id = await newSession(first, meta);
    for (const adapter of [first, second, first]) {
      assertSameJson((await adapter.open(id, LONG_MS))?.meta, meta);
      assert.equal(await adapter.isAlive(id), true);
    }
    const opened = await Promise.all([
      first.open(id, LONG_MS),
      second.open(id, LONG_MS),
      first.open(id, LONG_MS),
    ]);
    for (const session of opened) assertSameJson(session?.meta, meta);
    assertSameJson((await second.get(id))?.meta, meta, 'opening does not change the facts');
  }),

  sessionCase('opens nothing that does not exist', async ({ first, second, id }) => {
    await first.delete(id);
    for (const unknown of [...UNKNOWN_IDS, id, first.generateSessionId()]) {
      assert.equal(await second.open(unknown, LONG_MS), undefined);
      assert.equal(await second.isAlive(unknown), false);
      assert.equal(await first.has(unknown), false, 'opening does not create a session');
    }
  }),

  sessionCase('lets a session end that is not opened again in time', async ({ first, second, id }) => {
    assertSameJson((await first.open(id, 30))?.meta, META);
    // Instances may know the clock of their store a little differently.
    for (const adapter of [second, first]) {
      await waitFor(async () => !(await adapter.isAlive(id)), 'the time of a session to be over');
    }
    for (const adapter of [first, second]) {
      assert.equal(await adapter.open(id, LONG_MS), undefined, 'a session whose time was over is not opened');
      assert.equal(await adapter.isAlive(id), false, 'it is not brought back by trying');
    }
  }),

  sessionCase('keeps a session alive as long as any instance opens it in time', async ({ first, second }) => {
    // A machine that stalls proves nothing: then again, with more time.
    for (const ttlMs of [200, 600, 2_000]) {
      const id = await newSession(first);
      const begin = Date.now();
      let openedAt = begin;
      let wasInTime = true;
      for (let n = 0; wasInTime && openedAt - begin < ttlMs * 1.5; n++) {
        const session = await (n % 2 === 0 ? first : second).open(id, ttlMs);
        wasInTime = Date.now() - openedAt < ttlMs / 2;
        if (wasInTime) assertSameJson(session?.meta, META, 'a session that is used stays');
        openedAt = Date.now();
        await delay(ttlMs / 20);
      }
      if (wasInTime) return;
    }
    assert.fail('opening a session takes so long that nothing can be said about its time');
  }),

  sessionCase('ends a session with all that was kept beside it', async ({ first, second, id }) => {
    await first.open(id, LONG_MS);
    await first.writeState(id, 'key', 'value');
    await append(first, id, 'stream', 'message');
    await second.end(id);
    for (const adapter of [first, second]) {
      assert.equal(await adapter.has(id), false);
      assert.equal(await adapter.isAlive(id), false);
      assert.equal(await adapter.open(id, LONG_MS), undefined);
      assertSameJson(await adapter.readState(id), {});
    }
    await Promise.all([first.end(id), second.end(id), second.end(first.generateSessionId())]);
  }),

  sessionCase('gives a session that was ended and created again a life of its own', async (session) => {
    const { first, second, id } = session;
    await first.open(id, 20);
    await first.writeState(id, 'key', 'value');
    await waitFor(async () => !(await second.isAlive(id)), 'the time of a session to be over');
    await first.end(id);
    await second.create(id, { protocolVersion: '2025-03-26' });
    assertSameJson(await first.readState(id), {});
    assert.equal(await first.isAlive(id), true);
    assertSameJson((await first.open(id, LONG_MS))?.meta, { protocolVersion: '2025-03-26' });
  }),
];
