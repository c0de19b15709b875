import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryStore, MemoryStoreData } from '../../../lib/adapters/in-memory/memory-store.js';
import type { BellListener, StoreKey } from '../../../lib/adapters/store.js';
import { StoreClientRequestAdapter } from '../../../lib/adapters/store/store-client-request.adapter.js';
import type { InboxCall } from '../../../lib/conversations/inbox-channel.js';
import { InboxRelay } from '../../../lib/conversations/inbox-relay.js';
import type { RemoteListener, Retry, RetryEnding } from '../../../lib/conversations/relay.js';
import { notification } from '../../../lib/protocol/json-rpc.js';

/** Rings nothing while it is deaf, and then that anything may have happened, as after a lost connection. */
class DeafStore extends MemoryStore {
  isDeaf = false;
  readonly inboxes = new Set<StoreKey>();
  readonly #listeners = new Set<BellListener>();

  override listen(key: StoreKey, ring: BellListener): Promise<() => void> {
    this.inboxes.add(key);
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

/** One instance: takes retries of one call, as often as they come. */
class Instance {
  readonly adapter: StoreClientRequestAdapter;
  readonly relay: InboxRelay;
  readonly taken: RemoteListener[] = [];
  readonly endings: RetryEnding[] = [];
  isThere = true;

  constructor(readonly store: DeafStore) {
    this.adapter = new StoreClientRequestAdapter(store);
    this.relay = new InboxRelay(this.adapter.inbox, (_place, listener) => {
      if (!this.isThere) return undefined;
      this.taken.push(listener);
      return (ending) => this.endings.push(ending);
    });
  }
}

const retry: Retry = { channel: 'channel', answers: { a: 1 }, progressToken: 'token', logLevel: null };
const outcome = { result: '{}' };
const messages = [1, 2, 3].map((progress) => notification('notifications/progress', { progress }));

let sent: unknown[];
const client = {
  progressToken: () => undefined,
  logLevel: () => undefined,
  outbound: {
    send: async (message: unknown) => Boolean(sent.push(message)),
    closeStream: async () => {},
  },
};

let running: Instance;
let serving: Instance;
let waiting: { end(reason: string): unknown };
beforeEach(async () => {
  sent = [];
  const data = new MemoryStoreData();
  running = new Instance(new DeafStore(data));
  serving = new Instance(new DeafStore(data));
  const wait = running.relay.park({ id: 'call', round: 1 }, 60_000);
  waiting = wait;
  await wait.ready;
});
afterEach(async () => {
  await waiting.end('over');
  await Promise.all([running, serving].map(({ adapter }) => adapter.close()));
});

const call = () =>
  serving.relay.call({ id: 'call', round: 1, at: running.relay.address }, retry) as InboxCall;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** A retry that is taken at the other instance. */
async function begun() {
  const remote = call();
  expect(await remote.begin()).toBe(true);
  await until(() => running.taken.length > 0);
  return { remote, listener: running.taken[0] as RemoteListener };
}

describe('a retry of a call that another instance runs', () => {
  it('comes to it, and what is said of it comes back in order and is acknowledged', async () => {
    const { remote, listener } = await begun();
    expect([listener.progressToken(), listener.logLevel()]).toEqual(['token', undefined]);
    for (const message of messages) void listener.outbound?.send(message);
    void listener.settle(outcome);
    expect(await remote.outcome(client)).toEqual(outcome);
    expect(sent).toEqual(messages);
    await until(() => running.endings.length > 0);
    expect(running.endings).toEqual(['answered']);
  });

  it('is refused, as often as it comes, where the call is not there', async () => {
    running.isThere = false;
    const remote = call();
    expect(await remote.begin()).toBe(true);
    await expect(remote.outcome(client)).rejects.toThrow('The call is gone');
    remote.end('lost');
    const again = call();
    await again.begin();
    await expect(again.outcome(client)).rejects.toThrow('The call is gone');
    again.end('lost');
  });

  it('is gone with an instance whose inbox is not there', async () => {
    const at = `${'x'.repeat(16)} relay`;
    const remote = serving.relay.call({ id: 'call', round: 1, at }, retry);
    expect(await remote.begin()).toBe(false);
    remote.end('lost');
  });

  it('is taken once, however often it is sent', async () => {
    const { remote, listener } = await begun();
    remote.repeat();
    await until(() => remote.sentAt < Infinity);
    void listener.settle(outcome);
    expect(await remote.outcome(client)).toEqual(outcome);
    await until(() => running.endings.length > 0);
    // An instance that has lost its place in its inbox reads all of it again.
    running.store.hearAgain();
    await running.adapter.inbox.catchUp();
    expect(running.taken).toHaveLength(1);
  });

  it('is sent again after a loss, and answered with the outcome that was lost', async () => {
    const { remote, listener } = await begun();
    serving.store.isDeaf = true;
    await listener.settle(outcome);
    const [inbox] = serving.store.inboxes;
    await serving.store.remove(inbox as StoreKey);
    serving.store.hearAgain();
    expect(await remote.outcome(client)).toEqual(outcome);
    await until(() => running.endings.length > 0);
    expect([running.taken.length, running.endings]).toEqual([1, ['answered']]);
  });

  it('is left with it: the running side hears of it, also when both come in one go', async () => {
    running.store.isDeaf = true;
    const remote = call();
    expect(await remote.begin()).toBe(true);
    remote.end('left');
    await new Promise((resolve) => setImmediate(resolve));
    running.store.hearAgain();
    await until(() => running.endings.length > 0);
    expect([running.taken.length, running.endings]).toEqual([1, ['left']]);
  });

  it('that was given up is lost: what is said of it is refused, and its client may come again', async () => {
    const { remote, listener } = await begun();
    remote.end('lost');
    await until(() => running.endings.length > 0);
    await listener.settle(outcome);
    expect(running.endings).toEqual(['lost']);
    const again = serving.relay.call(
      { id: 'call', round: 1, at: running.relay.address },
      { ...retry, channel: 'another' },
    );
    await again.begin();
    await until(() => running.taken.length > 1);
    void running.taken[1]?.settle(outcome);
    expect(await again.outcome(client)).toEqual(outcome);
  });
});
