import { startNatsStore } from './stores/nats.js';
import { startPostgresStore } from './stores/postgres.js';
import { startRedisStore } from './stores/redis.js';

/** Connections to cut: those for commands, those of subscriptions, or both. */
export type Cut = 'commands' | 'messages' | 'everything';

/** A real server of a test's own that instances keep their state in, and the ways it can break. */
export interface StoreServer {
  /** Settings of an instance that uses it, see `multi-instance/fixture/store.ts`. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends the process. What it said to have stored is there again after `start`. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  start(): Promise<void>;
  /** Lets it take what is sent and do nothing. Resolves when that is over. */
  stall(ms: number): Promise<void>;
  /** Breaks connections of instances, as far as the server can. */
  readonly cuts: Readonly<Partial<Record<Cut, () => Promise<void>>>>;
  /**
   * All that is stored, as `{scope}:name` or only `{scope}`, with the milliseconds it still has; -1 where it has no end.
   * Rejects while the server is away.
   */
  keys(): Promise<Map<string, number>>;
  /** Keys with a listener, where the server tells. */
  listenedTo(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

/** The stores by name. Another one takes an entry here and one in `multi-instance/fixture/store.ts`. */
const STARTS = { redis: startRedisStore, postgres: startPostgresStore, nats: startNatsStore };

export type StoreName = keyof typeof STARTS;
export const STORE_NAMES = Object.keys(STARTS) as readonly StoreName[];

/** Set by the projects of jest that run the same tests on other stores. */
declare const DEFAULT_STORE: StoreName | undefined;
export const defaultStore: StoreName = typeof DEFAULT_STORE === 'undefined' ? 'redis' : DEFAULT_STORE;

/** Starts the server of a store, empty. */
export function startStore(name: StoreName = defaultStore): Promise<StoreServer> {
  return STARTS[name]();
}

export function isStoreName(name: string): name is StoreName {
  return Object.hasOwn(STARTS, name);
}
