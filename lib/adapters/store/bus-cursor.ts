import type { LogPosition, Store, StoreKey } from '../store.js';

/** Time that cursors are kept: a client may be away as long and still be told what its instance left unsaid. */
const TTL_MS = 24 * 60 * 60_000;

/** Time between two writes. What was done in it is done again by an heir, and known by its idempotency key. */
const WRITE_MS = 1_000;

/** Value of a cursor before the first entry. */
const START = '';

/** Entry whose events are being worked on. */
interface Entry {
  readonly position: LogPosition;
  isDone: boolean;
}

/** Cursor of one consumer: the newest entry up to which all are done, written now and then. */
export class BusCursor {
  /** Entries from the first one that is not done, in order. */
  readonly #open: Entry[] = [];
  #at: LogPosition | undefined;
  #written: LogPosition | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly key: StoreKey,
  ) {}

  /** Writes where the consumer begins. */
  async begin(at: LogPosition | undefined): Promise<void> {
    this.#at = at;
    await this.#write();
  }

  /** Notes work on an entry, which is done when the promise settles. */
  add(position: LogPosition, work: Promise<unknown>): void {
    const entry = { position, isDone: false };
    this.#open.push(entry);
    const done = () => {
      entry.isDone = true;
      this.#advance();
    };
    work.then(done, done);
  }

  /** Writes what is done now, once. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    if (this.#at !== this.#written) await this.#write().catch(() => {});
  }

  /** Keeps the cursor from expiring. */
  async renew(): Promise<void> {
    if (!(await this.store.touch(this.key, TTL_MS, { only: [] }))) await this.#write();
  }

  #advance(): void {
    while (this.#open[0]?.isDone) this.#at = this.#open.shift()?.position;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // One that fails is followed by another, or leaves more to the heir.
      if (this.#at !== this.#written) this.#writing = this.#write().catch(() => {});
    }, WRITE_MS).unref();
  }

  async #write(): Promise<void> {
    const at = this.#at;
    await this.store.write(this.key, { at: at ?? START }, { ttlMs: TTL_MS });
    this.#written = at;
  }
}

/** Position to read after for what a consumer has not done; `undefined` if there is no such cursor. */
export async function readCursor(
  store: Store,
  key: StoreKey,
): Promise<{ readonly at: LogPosition | undefined } | undefined> {
  const at = (await store.read(key))?.fields['at'];
  return at === undefined ? undefined : { at: at === START ? undefined : at };
}
