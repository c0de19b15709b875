import { redisStore } from '../../lib/adapters/redis/redis-store.js';
import type { RedisStoreOptions } from '../../lib/adapters/redis/redis-store-options.interface.js';
import type { SessionAdapter } from '../../lib/adapters/session.adapter.js';
import type { Store } from '../../lib/adapters/store.js';
import type { StoreAdaptersOptions } from '../../lib/adapters/store/store-adapters.js';

export { until } from '../support/until.js';

/** Log lines of an adapter. */
export class Log {
  readonly warnings: string[] = [];
  readonly notes: string[] = [];

  readonly logger: NonNullable<RedisStoreOptions['logger']> = {
    warn: (message: string) => void this.warnings.push(message),
    log: (message: string) => void this.notes.push(message),
  };
}

/** Resolves to `true` if it works, to `false` if it rejects. */
export async function works(attempt: () => Promise<unknown>): Promise<boolean> {
  return attempt().then(
    () => true,
    () => false,
  );
}

/** Follows a stream and keeps what comes. */
export class Reader {
  readonly messages: unknown[] = [];
  readonly ids: string[] = [];
  readonly #stop = new AbortController();
  readonly ended: Promise<unknown>;

  constructor(adapter: SessionAdapter, id: string, after: string) {
    this.ended = this.#read(adapter, id, after).catch((error: unknown) => error);
  }

  async stop(): Promise<unknown> {
    this.#stop.abort();
    return this.ended;
  }

  async #read(adapter: SessionAdapter, id: string, after: string): Promise<void> {
    for await (const event of adapter.subscribe(id, after, this.#stop.signal)) {
      this.ids.push(event.id);
      this.messages.push(event.message);
    }
  }
}

/** A session with a stream that has begun. */
export async function begin(
  adapter: SessionAdapter,
): Promise<{ readonly id: string; readonly start: string }> {
  const id = adapter.generateSessionId();
  await adapter.create(id, { protocolVersion: '2025-11-25' });
  await adapter.open(id, 60_000);
  return { id, start: (await adapter.appendEvent(id, 'stream', 'start')) as string };
}

export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `message ${n}`);
}

export type AdapterType<A> = new (store: Store, options: StoreAdaptersOptions) => A;

/** An adapter on a store of its own, which is closed with it. */
export function onRedis<A extends { close(): Promise<void> }>(
  type: AdapterType<A>,
  options: RedisStoreOptions & StoreAdaptersOptions,
): A {
  const store = redisStore(options);
  const adapter = new type(store, options);
  const close = adapter.close.bind(adapter);
  adapter.close = async () => {
    await close();
    await store.close();
  };
  return adapter;
}
