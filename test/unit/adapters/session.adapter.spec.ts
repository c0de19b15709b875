import { describe, expect, it } from '@jest/globals';
import type { SessionData, SessionMeta } from '../../../lib/adapters/session.adapter.js';
import { ArraySessionAdapter, type ArrayStore } from '../../contract/array-adapters.js';
import { SerialisedSevenMethods } from '../../contract/serialising.js';

const META: SessionMeta = { protocolVersion: '2025-11-25' };
const LONG_MS = 60_000;

/** Seven methods, on a store to look into; everything else is a default. Notes what is created. */
class SevenMethods extends SerialisedSevenMethods {
  readonly created: string[] = [];
  /** Runs before a record is written. */
  before: (id: string) => Promise<void> = async () => {};

  constructor(readonly store: ArrayStore = new Map()) {
    super(new ArraySessionAdapter(store));
  }

  override async create(id: string, meta: SessionMeta): Promise<SessionData> {
    this.created.push(id);
    await this.before(id);
    return super.create(id, meta);
  }
}

describe('the defaults of SessionAdapter', () => {
  it('write once for many openings of a session that has time', async () => {
    const adapter = new SevenMethods();
    await adapter.create('session', META);
    for (let n = 0; n < 50; n++) expect(await adapter.open('session', LONG_MS)).toEqual({ meta: META });
    expect(adapter.created).toEqual(['session', 'session~alive']);
  });

  it('write again when a quarter of the time is over', async () => {
    const adapter = new SevenMethods();
    await adapter.create('session', META);
    await adapter.open('session', LONG_MS);
    await adapter.open('session', LONG_MS * 1.3);
    expect(adapter.created).toHaveLength(2);
    await adapter.open('session', LONG_MS * 1.4);
    expect(adapter.created).toHaveLength(3);
  });

  it('write nothing to ask whether a session is alive', async () => {
    const adapter = new SevenMethods();
    await adapter.create('session', META);
    expect(await adapter.isAlive('session')).toBe(true);
    expect([...adapter.store.keys()]).toEqual(['session']);
  });

  it.each([
    ['opened', (adapter: SevenMethods) => adapter.open('session', LONG_MS)],
    ['given state', (adapter: SevenMethods) => adapter.writeState('session', 'key', 'value')],
  ])('leave nothing of a session that is ended while it is %s', async (_what, act) => {
    const adapter = new SevenMethods();
    const other = new SevenMethods(adapter.store);
    await adapter.create('session', META);
    adapter.before = () => other.end('session');
    expect(await act(adapter)).toBeUndefined();
    expect([...adapter.store.keys()]).toEqual([]);
  });

  it('take what they keep beside a session for no session', async () => {
    const adapter = new SevenMethods();
    await adapter.create('session', META);
    await adapter.open('session', LONG_MS);
    await adapter.writeState('session', 'key', 'value');
    for (const id of [...adapter.store.keys()].filter((key) => key !== 'session')) {
      expect(await adapter.open(id, LONG_MS)).toBeUndefined();
      expect(await adapter.isAlive(id)).toBe(false);
    }
    expect(adapter.store.size).toBe(3);
  });

  it('remove a key of the state rather than keep an undefined one', async () => {
    const adapter = new ArrayStateByDefault();
    await adapter.create('session', META);
    await adapter.writeState('session', 'key', 'value');
    await adapter.writeState('session', 'key', undefined);
    expect(Object.keys(await adapter.readState('session'))).toEqual([]);
  });

  it.each([
    ['1#stream', 'stream'],
    ['tag.1#a#b', 'a#b'],
    ['1#', ''],
    ['1', undefined],
    ['', undefined],
  ])('read of the id %p the stream %p', (eventId, streamId) => {
    expect(new SevenMethods().streamIdOf(eventId)).toBe(streamId);
  });
});

/** A store that keeps `undefined`, unlike JSON does, under the default state. */
class ArrayStateByDefault extends ArraySessionAdapter {
  override readonly readState = SevenMethods.prototype.readState;
  override readonly writeState = SevenMethods.prototype.writeState;

  constructor() {
    super(new Map());
  }
}
