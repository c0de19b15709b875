import { randomBytes } from 'node:crypto';
import { EventsLostError } from '../events-lost.error.js';
import {
  SessionAdapter,
  type AppendAttempt,
  type SessionData,
  type SessionMeta,
  type SessionState,
} from '../session.adapter.js';
import type { LogLimits, Store, StoredRecord } from '../store.js';
import type { EventId, StreamEvent } from '../stream-event.js';
import { AppendIds } from './append-ids.js';
import { followLog } from './follow-log.js';
import { isComplete, isPosition, WHOLE_CHUNK } from './log-chain.js';
import { SerialQueue } from './serial-queue.js';
import { partOf, StoreKeys } from './store-keys.js';
import { decodeValue, encodeValue } from './stored-value.js';

/** How long a session lives that was begun and not opened yet. */
const UNOPENED_MS = 60 * 60_000;

/** How long after an outage instances have to come back and renew their signs of life. */
const COMEBACK_MS = 2_000;

/** Field of the facts; fields of state begin with the other one. */
const META = 'meta';
const STATE = 's.';

/**
 * How much is kept for one session.
 *
 * @publicApi
 */
export interface StoreSessionAdapterOptions {
  /** Name of the server: sessions of another one on the same store are unknown. @default '' */
  readonly server?: string;
  /** Newest events kept per session, over all its streams; what a handler says in one turn is one. @default 1024 */
  readonly maxEvents?: number;
  /** Bytes of messages kept per session; the newest event is kept whatever its size. @default 1048576 (1 MiB) */
  readonly maxEventBytes?: number;
}

/**
 * Keeps sessions in a `Store`: one record each, with facts and state as fields and one log for all streams. A stream that
 * has more than a quarter of the log makes room before others, and the newest event of every stream, which is its answer
 * if it has one, is dropped last.
 *
 * @publicApi
 */
export class StoreSessionAdapter extends SessionAdapter {
  override readonly isShared: boolean;
  override readonly findsAttempts = true;
  readonly #keys: StoreKeys;
  readonly #limits: LogLimits;
  readonly #ids = new AppendIds();
  readonly #stateWrites = new SerialQueue();

  /** Uses a store that the caller closes. */
  constructor(
    private readonly store: Store,
    { server = '', maxEvents = 1024, maxEventBytes = 1024 * 1024 }: StoreSessionAdapterOptions = {},
  ) {
    super();
    this.isShared = store.isShared;
    this.#keys = new StoreKeys(server);
    this.#limits = {
      maxEntries: atLeastOne('maxEvents', maxEvents),
      maxBytes: atLeastOne('maxEventBytes', maxEventBytes),
      ifFull: 'drop',
    };
  }

  override generateSessionId(): string {
    return randomBytes(24).toString('base64url');
  }

  override async create(id: string, meta: SessionMeta): Promise<SessionData> {
    const facts = JSON.stringify(meta);
    await this.store.write(this.#keys.session(id), { [META]: facts }, { ttlMs: UNOPENED_MS });
    return { meta: JSON.parse(facts) as SessionMeta };
  }

  override async has(id: string): Promise<boolean> {
    return (await this.store.read(this.#keys.session(id), [])) !== undefined;
  }

  override async get(id: string): Promise<SessionData | undefined> {
    return toSession(await this.store.read(this.#keys.session(id), [META]));
  }

  override async appendEvent(
    id: string,
    streamId: string,
    message: unknown,
    attempt?: AppendAttempt,
  ): Promise<EventId | undefined> {
    const appended = await this.store.append(this.#keys.session(id), partOf(streamId), encodeValue(message), {
      id: attempt ? partOf(attempt.name) : this.#ids.next(),
      isRepeat: attempt?.isRepeat ?? false,
      renew: true,
      limits: this.#limits,
    });
    return typeof appended === 'string' ? undefined : `${appended.position}#${streamId}`;
  }

  override async replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): Promise<boolean> {
    const start = parseEventId(lastEventId);
    if (!start) return false;
    const [key, tag] = [this.#keys.session(id), partOf(start.streamId)];
    for (let { position } = start; ;) {
      const slice = await this.store.entries(key, tag, position, WHOLE_CHUNK);
      if (!slice || !isComplete(slice, position)) return false;
      for (const entry of slice.entries) {
        position = entry.position;
        const writing = write(`${position}#${start.streamId}`, decodeValue(entry.body));
        if (writing) await writing;
      }
      if (slice.isAll) return true;
    }
  }

  override async delete(id: string): Promise<void> {
    await this.store.remove(this.#keys.session(id));
  }

  override async open(id: string, ttlMs: number): Promise<SessionData | undefined> {
    return toSession(await this.store.touch(this.#keys.session(id), ttlMs, { only: [META] }));
  }

  override isAlive(id: string): Promise<boolean> {
    return this.has(id);
  }

  override end(id: string): Promise<void> {
    return this.delete(id);
  }

  override async readState(id: string): Promise<SessionState> {
    const record = await this.store.read(this.#keys.session(id));
    const state = Object.entries(record?.fields ?? {})
      .filter(([name]) => name.startsWith(STATE))
      .map(([name, value]) => [JSON.parse(name.slice(STATE.length)), JSON.parse(value)] as [string, unknown]);
    return Object.fromEntries(state);
  }

  /** In the order of the calls, for one session. */
  override async writeState(id: string, key: string, value: unknown): Promise<void> {
    const stored = value === undefined ? null : JSON.stringify(value);
    const patch = { [STATE + JSON.stringify(key)]: stored };
    await this.#stateWrites.run(id, () => this.store.assign(this.#keys.session(id), patch));
  }

  override async *subscribe(
    id: string,
    afterEventId: EventId,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    const start = parseEventId(afterEventId);
    if (!start) {
      if (await this.has(id)) throw new EventsLostError(`The session has no event ${afterEventId}`);
      return;
    }
    const { position, streamId } = start;
    const entries = followLog(this.store, this.#keys.session(id), partOf(streamId), position, signal);
    for await (const entry of entries) {
      yield { id: `${entry.position}#${streamId}`, message: decodeValue(entry.body) };
    }
  }

  override async keepInstanceAlive(instance: string, ttlMs: number): Promise<void> {
    await this.store.write(this.#keys.alive(instance), {}, { ttlMs });
  }

  override async isInstanceAlive(instance: string): Promise<boolean> {
    const isThere = (await this.store.read(this.#keys.alive(instance), [])) !== undefined;
    return isThere || this.store.steadyForMs < COMEBACK_MS;
  }

  override ping(): Promise<void> {
    return this.store.ping();
  }
}

function toSession(record: StoredRecord | undefined): SessionData | undefined {
  const facts = record?.fields[META];
  return facts === undefined ? undefined : { meta: JSON.parse(facts) as SessionMeta };
}

function parseEventId(eventId: EventId) {
  const separator = eventId.indexOf('#');
  const position = eventId.slice(0, Math.max(separator, 0));
  return isPosition(position) ? { position, streamId: eventId.slice(separator + 1) } : undefined;
}

function atLeastOne(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`StoreSessionAdapter: ${option} must be an integer of 1 or more, not ${value}`);
}
