import { describe, expect, it } from '@jest/globals';
import { AdapterUnavailableError } from '../../lib/adapters/adapter-unavailable.error.js';
import { MemoryStore, MemoryStoreData } from '../../lib/adapters/in-memory/memory-store.js';
import type { BusEvent } from '../../lib/adapters/notification-bus.js';
import type { AppendOptions, Store, StoreKey } from '../../lib/adapters/store.js';
import { storeAdapters } from '../../lib/adapters/store/store-adapters.js';
import { StoreKeys } from '../../lib/adapters/store/store-keys.js';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { StoreNotificationBus } from '../../lib/adapters/store/store-notification-bus.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { waitFor } from '../../lib/testing/bounded-case.js';
import { Follower, META } from '../../lib/testing/session-adapter/support.js';
import { WrappedStore } from './faulty-store.js';

/** Each third request or reply of a kind is lost. */
class LosingStore extends WrappedStore {
  #count = 0;

  override append(...args: Parameters<Store['append']>) {
    return this.#lose(() => super.append(...args));
  }

  async #lose<T>(work: () => Promise<T>): Promise<T> {
    const n = ++this.#count % 3;
    if (n === 1) throw new AdapterUnavailableError('The request was lost');
    const result = await work();
    if (n === 2) throw new AdapterUnavailableError('The reply was lost');
    return result;
  }
}

/** Hears of no listeners, and has the reply to an append that was made for none come late. */
class LateStore extends WrappedStore {
  onAppended: () => Promise<unknown> = async () => {};

  override async append(...args: Parameters<Store['append']>) {
    if (args[3].ifHeard) return 'unheard' as const;
    const appended = await super.append(...args);
    await this.onAppended();
    return appended;
  }
}

function uris(bus: StoreNotificationBus): { readonly received: string[]; readonly added: Promise<unknown> } {
  const received: string[] = [];
  return { received, added: bus.subscribe((event) => void ('uri' in event && received.push(event.uri))) };
}

function updated(uri: string): BusEvent {
  return { type: 'resource_updated', server: '', uri };
}

describe('sessions on a store', () => {
  it('have every event once although requests and replies are lost', async () => {
    const data = new MemoryStoreData();
    const instances = [1, 2].map(() => new StoreSessionAdapter(new LosingStore(new MemoryStore(data))));
    const reader = new StoreSessionAdapter(new MemoryStore(data));
    await reader.create('session', META);
    const start = (await reader.appendEvent('session', 'stream', 'start')) as string;
    const over = new AbortController();
    const follower = new Follower(reader, 'session', start, over.signal);
    await Promise.all(
      instances.map(async (sessions, instance) => {
        for (let n = 0; n < 100; n++) {
          const name = `${instance}-${n}`;
          for (let isRepeat = false; ; isRepeat = true) {
            const appended = sessions.appendEvent('session', 'stream', name, { name, isRepeat });
            if (await appended.catch(() => undefined)) break;
          }
        }
      }),
    );
    await follower.received(200);
    expect(new Set(follower.messages).size).toBe(200);
    expect(follower.messages).toHaveLength(200);
    over.abort();
  });

  it('write their state in the order of the calls, however long each takes', async () => {
    const inner = new MemoryStore();
    let pauses = 4;
    const store = new (class extends WrappedStore {
      override async assign(...args: Parameters<Store['assign']>) {
        for (let n = (pauses -= 1); n > 0; n--) await new Promise((resolve) => setTimeout(resolve, 5));
        return super.assign(...args);
      }
    })(inner);
    const sessions = new StoreSessionAdapter(store);
    await sessions.create('session', META);
    await Promise.all([1, 2, 3].map((n) => sessions.writeState('session', 'key', n)));
    expect(await sessions.readState('session')).toEqual({ key: 3 });
  });

  it('are of one server, as are its questions and announcements', async () => {
    const store = new MemoryStore();
    const [one, other] = ['one', 'other'].map((server) => storeAdapters(store, { server }));
    if (!one || !other) throw new Error('unreachable');
    await one.sessionAdapter.create('session', META);
    expect(await other.sessionAdapter.has('session')).toBe(false);
    await other.sessionAdapter.delete('session');
    expect(await one.sessionAdapter.has('session')).toBe(true);

    const { promise, ready } = one.clientRequestAdapter.createPending('session', 1, { timeoutMs: 60_000 });
    await ready;
    expect(await other.clientRequestAdapter.resolvePending('session', 1, 'foreign')).toBe(false);
    expect(await one.clientRequestAdapter.resolvePending('session', 1, 'own')).toBe(true);
    expect(await promise).toBe('own');

    const [own, foreign] = [uris(one.notificationBus), uris(other.notificationBus)];
    await Promise.all([own.added, foreign.added]);
    await one.notificationBus.publish(updated('a'));
    await waitFor(() => own.received.length === 1, 'the event');
    expect(foreign.received).toEqual([]);
    for (const { clientRequestAdapter, notificationBus } of [one, other]) {
      await clientRequestAdapter.close();
      await notificationBus.close();
    }
  });

  it('reach a store under names of safe characters and bounded length only', async () => {
    const seen: StoreKey[] = [];
    const parts: string[] = [];
    const store = new (class extends WrappedStore {
      override write(...args: Parameters<Store['write']>) {
        seen.push(args[0]);
        return super.write(...args);
      }
      override append(key: StoreKey, tag: string, body: string, options: AppendOptions) {
        parts.push(tag, options.id);
        return super.append(key, tag, body, options);
      }
    })(new MemoryStore());
    const hostile = ['', '}', '{', '*', '>', '../..', 'a b', 'ä', '\u0000', '\ud800', 'x'.repeat(100_000)];
    const { sessionAdapter, clientRequestAdapter } = storeAdapters(store, { server: '} {*' });
    for (const id of hostile) {
      await sessionAdapter.create(id, META);
      await sessionAdapter.appendEvent(id, id, 'message', { name: id, isRepeat: false });
      await sessionAdapter.keepInstanceAlive(id, 1_000);
      await clientRequestAdapter.createPending(id, id, { timeoutMs: 60_000 }).ready;
    }
    await clientRequestAdapter.close();
    const all = [...seen.flatMap(({ scope, name }) => [scope, name]), ...parts];
    expect(all.length).toBeGreaterThan(50);
    for (const part of all) expect(part).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    const keys = new StoreKeys();
    expect(new Set(hostile.map((id) => keys.session(id).scope)).size).toBe(hostile.length);
  });
});

describe('questions on a store', () => {
  it('are all answered by large answers through an inbox that has room for few', async () => {
    const data = new MemoryStoreData();
    const [asking, answering] = [1, 2].map(() => new StoreClientRequestAdapter(new MemoryStore(data)));
    if (!asking || !answering) throw new Error('unreachable');
    const answer = 'x'.repeat(1_500_000);
    const questions = Array.from({ length: 8 }, (_, n) =>
      asking.createPending('session', n, { timeoutMs: 60_000 }),
    );
    for (const { ready } of questions) await ready;
    const taken = await Promise.all(questions.map((_, n) => answering.resolvePending('session', n, answer)));
    expect(taken).toEqual(questions.map(() => true));
    for (const { promise } of questions) expect(await promise).toBe(answer);
    await Promise.all([asking.close(), answering.close()]);
  });

  it('are answered although the asker was done before the sender knew of it', async () => {
    const data = new MemoryStoreData();
    let renewals = 0;
    const asking = new StoreClientRequestAdapter(
      new (class extends WrappedStore {
        override async touch(...args: Parameters<Store['touch']>) {
          const touched = await super.touch(...args);
          renewals++;
          return touched;
        }
      })(new MemoryStore(data)),
    );
    const late = new LateStore(new MemoryStore(data));
    const answering = new StoreClientRequestAdapter(late);
    const { promise, ready } = asking.createPending('session', 1, { timeoutMs: 60_000 });
    await ready;
    const before = renewals;
    late.onAppended = async () => {
      await promise;
      await waitFor(() => renewals > before, 'the sign of life');
    };
    expect(await answering.resolvePending('session', 1, 'yes')).toBe(true);
    expect(await promise).toBe('yes');
    await asking.close();
    await answering.close();
  });

  it('are refused to an instance that does not listen and gives no sign of life', async () => {
    const data = new MemoryStoreData();
    const askingStore = new MemoryStore(data);
    const asking = new StoreClientRequestAdapter(askingStore);
    const answering = new StoreClientRequestAdapter(new MemoryStore(data), { reconnectGraceMs: 10 });
    await asking.createPending('session', 1, { timeoutMs: 60_000 }).ready;
    // As if the process were gone: it hears nothing, and its lease is of a time before that.
    await askingStore.close();
    askingStore.touch = async () => undefined;
    askingStore.write = async () => undefined;
    expect(await answering.resolvePending('session', 1, 'answer')).toBe(false);
    await Promise.all([asking.close(), answering.close()]);
  });
});

describe('a bus on a store', () => {
  it('goes on when its log is gone, with no event lost or twice', async () => {
    const data = new MemoryStoreData();
    const [store, other] = [new MemoryStore(data), new MemoryStore(data)];
    const [first, second] = [new StoreNotificationBus(store), new StoreNotificationBus(other)];
    const { received, added } = uris(second);
    await added;
    const expected: string[] = [];
    for (let n = 0; n < 5; n++) {
      for (const uri of [`${n}/a`, `${n}/b`]) {
        await first.publish(updated(uri));
        expected.push(uri);
      }
      await waitFor(() => received.length === expected.length, 'the events');
      // As if nothing had been said for so long that its time was over.
      await store.remove(new StoreKeys('').bus());
    }
    expect(received).toEqual(expected);
    await Promise.all([first.close(), second.close()]);
  });
});
