import assert from 'node:assert/strict';
import type { SessionAdapter, SessionMeta } from '../../adapters/session.adapter.js';
import { boundedCase } from '../bounded-case.js';
import { assertSameJson, vandalise } from '../json.js';
import { append, assertReplaysNothing, newSession, replay, sessionCase } from './support.js';

/** Bits of a version 4 UUID, the least that is accepted, with a margin for the estimate. */
const LEAST_BITS = 120;

const FACTS: SessionMeta = {
  protocolVersion: '2025-06-18',
  clientInfo: { name: 'client', version: '1.0.0', title: 'Grüße, 日本語, 👋' },
  clientCapabilities: { sampling: {}, elicitation: {} },
  principal: 'issuer client subject',
  ownedByThe: { server: [{ later: null }, [], true, 0, ''] },
  emptyText: '',
  nothing: null,
};

/** Ids that no adapter gave out, some of them hostile to naive stores. */
export const UNKNOWN_IDS = ['', 'unknown', '__proto__', 'constructor', '../..', '*', 'x'.repeat(1_000)];

export const factsCases = [
  boundedCase<SessionAdapter>('generates session ids of visible ASCII characters', async ({ adapter }) => {
    for (let n = 0; n < 100; n++) assert.match(adapter.generateSessionId(), /^[\x21-\x7e]+$/);
  }),

  boundedCase<SessionAdapter>('generates session ids that nobody can guess', async (subject) => {
    const adapters = [subject.adapter, await subject.another()];
    const ids = Array.from({ length: 250 }, () =>
      adapters.map((adapter) => adapter.generateSessionId()),
    ).flat();
    assert.equal(new Set(ids).size, ids.length, 'ids are unique, also those of two instances');
    // Never less than the ids really have: what differs at a position may still be predictable.
    const positions = Array.from({ length: Math.min(...ids.map(({ length }) => length)) }, (_, position) =>
      Math.log2(new Set(ids.map((id) => id[position])).size),
    );
    const bits = positions.reduce((sum, position) => sum + position, 0);
    assert.ok(bits >= LEAST_BITS, `ids vary in ${Math.floor(bits)} bits at most, 128 are wanted`);
  }),

  sessionCase(
    'answers a ping while its store can be reached, and changes nothing by it',
    async (instances) => {
      const { first, second, id } = instances;
      for (const adapter of [first, second, first]) {
        await assert.doesNotReject(async () => adapter.ping());
        assert.equal(await adapter.has(id), true);
      }
    },
  ),

  sessionCase('gives the facts of a session to every instance', async ({ first, second }) => {
    const id = second.generateSessionId();
    const created = await first.create(id, FACTS);
    assertSameJson(created.meta, FACTS, 'create gives the facts');
    for (const adapter of [first, second]) {
      assert.equal(await adapter.has(id), true);
      assertSameJson((await adapter.get(id))?.meta, FACTS, 'get gives all facts, unknown fields too');
    }
  }),

  sessionCase('keeps facts that are named like parts of every object', async ({ first, second, id }) => {
    const meta = JSON.parse(
      '{"protocolVersion":"2025-11-25","__proto__":{"principal":"admin"},"constructor":1,"hasOwnProperty":null}',
    ) as SessionMeta;
    await first.create(id, meta);
    const kept = (await second.get(id))?.meta;
    assertSameJson(kept, meta);
    assert.equal(kept?.principal, undefined, 'a fact does not become the prototype of the others');
  }),

  sessionCase('knows nothing of a session that was not created', async ({ first, second, id }) => {
    for (const adapter of [first, second]) {
      for (const unknown of [...UNKNOWN_IDS, adapter.generateSessionId(), `${id}x`, id.slice(0, -1)]) {
        assert.equal(await adapter.has(unknown), false, `has(${JSON.stringify(unknown.slice(0, 80))})`);
        assert.equal(await adapter.get(unknown), undefined, `get(${JSON.stringify(unknown.slice(0, 80))})`);
      }
    }
  }),

  sessionCase('replaces a session whose id is taken, with its events', async ({ first, second, id }) => {
    await first.create(id, FACTS);
    const old = await append(first, id, 'stream', 'old');
    await append(first, id, 'stream', 'older than the session');
    await second.create(id, { protocolVersion: '2025-03-26', fresh: true });
    for (const adapter of [first, second]) {
      assertSameJson((await adapter.get(id))?.meta, { protocolVersion: '2025-03-26', fresh: true });
      await assertReplaysNothing(adapter, id, old);
    }
    const priming = await append(first, id, 'stream', 'priming');
    await append(first, id, 'stream', 'new');
    assertSameJson((await replay(second, id, priming)).messages, ['new']);
    await assertReplaysNothing(second, id, old);
  }),

  sessionCase('is not changed through what it was given or gave out', async ({ first, second }) => {
    const id = first.generateSessionId();
    const given = structuredClone(FACTS);
    vandalise(await first.create(id, given));
    vandalise(given);
    vandalise(await first.get(id));
    vandalise(await second.get(id));
    for (const adapter of [first, second]) assertSameJson((await adapter.get(id))?.meta, FACTS);
  }),

  sessionCase('gives out facts and never events', async ({ first, second, id }) => {
    await first.create(id, FACTS);
    const before = JSON.stringify(await second.get(id));
    for (let n = 0; n < 20; n++) await append(first, id, `stream ${n % 2}`, `secret message ${n}`);
    assert.equal(JSON.stringify(await second.get(id)), before);
  }),

  sessionCase('keeps sessions apart', async ({ first, second, id }) => {
    const ids = [id, `${id}0`, `${id}-`, id.toUpperCase() === id ? `${id}a` : id.toUpperCase()];
    for (const [n, each] of ids.entries()) await first.create(each, { protocolVersion: '2025-11-25', n });
    for (const [n, each] of ids.entries()) assert.equal((await second.get(each))?.meta['n'], n);
    await second.delete(id);
    assert.equal(await first.has(id), false);
    for (const each of ids.slice(1))
      assert.equal(await first.has(each), true, 'deleting one leaves the others');
  }),

  sessionCase('removes a session with everything that belongs to it', async ({ first, second, id }) => {
    const priming = await append(first, id, 'stream', 'priming');
    await append(first, id, 'stream', 'message');
    await second.delete(id);
    for (const adapter of [first, second]) {
      assert.equal(await adapter.has(id), false);
      assert.equal(await adapter.get(id), undefined);
      assert.equal(await adapter.appendEvent(id, 'stream', 'late'), undefined);
      await assertReplaysNothing(adapter, id, priming);
      assert.equal(await adapter.has(id), false, 'a late message does not bring the session back');
    }
  }),

  sessionCase(
    'shows nothing of a deleted session in a later one of its id',
    async ({ first, second, id }) => {
      const old = await append(first, id, 'stream', 'old');
      for (let n = 0; n < 3; n++) await append(first, id, 'stream', `old ${n}`);
      await first.delete(id);
      await second.create(id, { protocolVersion: '2025-03-26' });
      assertSameJson((await first.get(id))?.meta, { protocolVersion: '2025-03-26' });
      await assertReplaysNothing(first, id, old);
      const priming = await append(first, id, 'stream', 'priming');
      for (let n = 0; n < 3; n++) await append(second, id, 'stream', `new ${n}`);
      assertSameJson((await replay(first, id, priming)).messages, ['new 0', 'new 1', 'new 2']);
      await assertReplaysNothing(first, id, old);
    },
  ),

  sessionCase('does nothing when there is nothing to delete', async ({ first, second, id }) => {
    const other = await newSession(first);
    await first.delete(id);
    await Promise.all([first.delete(id), second.delete(id), second.delete(id)]);
    for (const unknown of UNKNOWN_IDS) await first.delete(unknown);
    assert.equal(await second.has(other), true);
  }),

  boundedCase<SessionAdapter>('closes', async (subject) => {
    const another = await subject.another();
    await newSession(another);
    await another.close();
    await newSession(subject.adapter);
  }),
];
