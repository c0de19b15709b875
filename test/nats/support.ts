import { natsStore, type NatsStore, type NatsStoreOptions } from '../../lib/adapters/nats/index.js';
import type { LogLimits, StoreKey } from '../../lib/adapters/store.js';

export const WIDE: LogLimits = { maxEntries: 1_000, maxBytes: 64 * 1024 * 1024, ifFull: 'drop' };
export const LONG_MS = 60_000;

/** Log lines of a store. */
export class Logged {
  readonly lines: string[] = [];
  readonly log = (line: unknown) => void this.lines.push(`log ${String(line)}`);
  readonly warn = (line: unknown) => void this.lines.push(`warn ${String(line)}`);
}

export function keyOf(name: string): StoreKey {
  return { scope: `scope-${name}`, name, hasLog: true };
}

/** Stores of one test, closed at its end. */
export class Stores {
  readonly #opened: NatsStore[] = [];

  constructor(private readonly options: () => NatsStoreOptions) {}

  open(options: NatsStoreOptions = {}): NatsStore {
    const store = natsStore({ ...this.options(), logger: new Logged(), ...options });
    this.#opened.push(store);
    return store;
  }

  async close(): Promise<void> {
    for (const store of this.#opened.splice(0)) await store.close();
  }
}

let count = 0;

export function nextId(): string {
  return `append-${(++count).toString(36)}`;
}

/** A stream that no other test has. */
export function nextStream(): { stream: string; subjectPrefix: string } {
  return { stream: `TEST_${++count}`, subjectPrefix: `test-${count}` };
}
