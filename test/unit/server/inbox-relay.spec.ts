import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryStore, MemoryStoreData } from '../../../lib/adapters/in-memory/memory-store.js';
import type { BellListener, StoreKey } from '../../../lib/adapters/store.js';
import { StoreClientRequestAdapter } from '../../../lib/adapters/store/store-client-request.adapter.js';
import type { InboxCall } from '../../../lib/conversations/inbox-channel.js';
import { InboxRelay } from '../../../lib/conversations/inbox-relay.js';
import type { Retry } from '../../../lib/conversations/relay.js';
import { notification } from '../../../lib/protocol/json-rpc.js';

/** Rings nothing until it is let to, and then that anything may have happened, as after a lost connection. */
class DeafStore extends MemoryStore {
  isDeaf = false;
  readonly #listeners = new Set<BellListener>();

  override listen(key: StoreKey, ring: BellListener): Promise<() => void> {
    this.#listeners.add(ring);
    return super.listen(key, (bell) => {
      if (!this.isDeaf) ring(bell);
    });
  }

  hearAgain(): void {
    this.isDeaf = false;
    for (const ring of this.#listeners) ring('stale');
  }
}

const retry: Retry = { channel: 'channel', answers: { a: 1 }, progressToken: 'token', logLevel: null };
const sent: unknown[] = [];
const client = {
  progressToken: () => undefined,
  logLevel: () => undefined,
  outbound: {
    send: async (message: unknown) => Boolean(sent.push(message)),
    closeStream: async () => {},
  },
};

let store: DeafStore;
let adapters: StoreClientRequestAdapter[];
let running: InboxRelay;
let serving: InboxRelay;
beforeEach(() => {
  sent.length = 0;
  const data = new MemoryStoreData();
  store = new DeafStore(data);
  adapters = [new StoreClientRequestAdapter(store), new StoreClientRequestAdapter(new MemoryStore(data))];
  [running, serving] = adapters.map(({ peers }) => new InboxRelay(peers)) as [InboxRelay, InboxRelay];
});
afterEach(() => Promise.all(adapters.map((adapter) => adapter.close())));

const place = () => ({ id: 'call', round: 1, at: running.address });

it('brings a retry to the call, and what is said of it back, in order', async () => {
  const wait = running.park(place(), 60_000);
  await wait.ready;
  const call = serving.call(place(), retry);
  expect(await call.begin()).toBe(true);
  const given = (await wait.promise) as Retry;
  expect(given).toMatchObject({ channel: 'channel', answers: { a: 1 }, from: serving.address });
  const listener = running.listener('call', given, () => {});
  const outcome = call.outcome(client);
  const messages = [1, 2, 3].map((progress) => notification('notifications/progress', { progress }));
  for (const message of messages) void listener.outbound?.send(message);
  await listener.settle({ result: '{}' });
  expect(await outcome).toEqual({ result: '{}' });
  expect(sent).toEqual(messages);
  call.end();
});

it('refuses a retry for a call that is not there', async () => {
  const wait = running.park(place(), 60_000);
  await wait.ready;
  const call = serving.call({ ...place(), round: 2 }, retry);
  expect(await call.begin()).toBe(true);
  await expect(call.outcome(client)).rejects.toThrow('The call is gone');
  call.end();
  await wait.end(new Error('over'));
});

describe('a retry that an instance takes in one go with what came after it', () => {
  /** The retry and another message, which the running instance has not heard of yet. */
  async function sendBoth(other: 'check' | 'cancel') {
    const wait = running.park(place(), 60_000);
    await wait.ready;
    store.isDeaf = true;
    const call = serving.call(place(), retry) as InboxCall;
    expect(await call.begin()).toBe(true);
    call[other]();
    await new Promise((resolve) => setImmediate(resolve));
    store.hearAgain();
    return { call, given: (await wait.promise) as Retry };
  }

  it('is known to it, when the other instance doubts it', async () => {
    const { call, given } = await sendBoth('check');
    const outcome = call.outcome(client);
    await running.listener('call', given, () => {}).settle({ result: '{}' });
    expect(await outcome).toEqual({ result: '{}' });
    call.end();
  });

  it('is cancelled, when its client has gone', async () => {
    const { call, given } = await sendBoth('cancel');
    await new Promise<void>((resolve) => void running.listener('call', given, resolve));
    call.end();
  });
});
