import { randomBytes } from 'node:crypto';
import { EventsLostError } from '../events-lost.error.js';
import { SessionAdapter, type SessionData, type SessionMeta, type SessionState } from '../session.adapter.js';
import type { EventId, StreamEvent } from '../stream-event.js';
import { EventLog } from './event-log.js';

/**
 * Limits of what is kept for one session.
 *
 * @publicApi
 */
export interface InMemorySessionAdapterOptions {
  /** Newest events kept per stream; what a handler says in one turn is one. @default 1024 */
  readonly maxEventBufferSize?: number;
  /** Bytes of messages kept per stream. @default 1048576 (1 MiB) */
  readonly maxEventBufferBytes?: number;
  /**
   * Streams whose events are kept per session. The one used longest ago is dropped first, one that is being followed
   * never.
   * @default 32
   */
  readonly maxStreamLogs?: number;
}

interface StoredSession {
  readonly data: SessionData;
  /** Begins the ids of its events: those of another session, or of an earlier one of this id, are not mistaken for them. */
  readonly tag: string;
  sequence: number;
  expiresAt: number;
  logs: Map<string, EventLog> | undefined;
  /** Log of the latest append. */
  youngest: { readonly streamId: string; readonly log: EventLog } | undefined;
  state: Record<string, unknown> | undefined;
}

interface FoundEvent {
  readonly session: StoredSession;
  readonly log: EventLog;
  readonly streamId: string;
  readonly sequence: number;
}

/**
 * Keeps sessions in this process: for one instance, and for tests. Gone when the process ends.
 *
 * @publicApi
 */
export class InMemorySessionAdapter extends SessionAdapter {
  override readonly isShared = false;
  readonly #sessions = new Map<string, StoredSession>();
  readonly #limits: { readonly maxEvents: number; readonly maxBytes: number };
  readonly #maxStreamLogs: number;

  constructor(options: InMemorySessionAdapterOptions = {}) {
    super();
    this.#limits = {
      maxEvents: atLeastOne('maxEventBufferSize', options.maxEventBufferSize ?? 1024),
      maxBytes: atLeastOne('maxEventBufferBytes', options.maxEventBufferBytes ?? 1024 * 1024),
    };
    this.#maxStreamLogs = atLeastOne('maxStreamLogs', options.maxStreamLogs ?? 32);
  }

  override generateSessionId(): string {
    return randomBytes(24).toString('base64url');
  }

  override async create(id: string, meta: SessionMeta): Promise<SessionData> {
    this.#wakeReaders(id);
    const data = deepFreeze({ meta: structuredClone(meta) });
    const tag = randomBytes(6).toString('base64url');
    this.#sessions.set(id, {
      data,
      tag,
      sequence: 0,
      expiresAt: Infinity,
      logs: undefined,
      youngest: undefined,
      state: undefined,
    });
    return data;
  }

  override async has(id: string): Promise<boolean> {
    return this.#sessions.has(id);
  }

  override async get(id: string): Promise<SessionData | undefined> {
    return this.#sessions.get(id)?.data;
  }

  override async appendEvent(id: string, streamId: string, message: unknown): Promise<EventId | undefined> {
    const session = this.#sessions.get(id);
    if (!session) return undefined;
    const log = this.#log(session, streamId);
    const sequence = ++session.sequence;
    log.append(sequence, typeof message === 'string' ? message : structuredClone(message));
    return eventIdOf(session, sequence, streamId);
  }

  override async replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): Promise<boolean> {
    const found = this.#find(id, lastEventId);
    if (!found) return false;
    const { session, log, streamId } = found;
    let { sequence } = found;
    for (;;) {
      if (!log.holdsAllAfter(sequence)) return false;
      const events = log.allAfter(sequence);
      if (events.length === 0) return true;
      for (const event of events) {
        sequence = event.sequence;
        const writing = write(eventIdOf(session, sequence, streamId), copy(event.message));
        if (writing) await writing;
      }
    }
  }

  override async delete(id: string): Promise<void> {
    this.#wakeReaders(id, () => this.#sessions.delete(id));
  }

  override async open(id: string, ttlMs: number): Promise<SessionData | undefined> {
    const session = this.#sessions.get(id);
    const now = Date.now();
    if (!session || session.expiresAt <= now) return undefined;
    session.expiresAt = now + ttlMs;
    return session.data;
  }

  override async isAlive(id: string): Promise<boolean> {
    return (this.#sessions.get(id)?.expiresAt ?? 0) > Date.now();
  }

  override end(id: string): Promise<void> {
    return this.delete(id);
  }

  override async readState(id: string): Promise<SessionState> {
    return structuredClone(this.#sessions.get(id)?.state ?? {});
  }

  override async writeState(id: string, key: string, value: unknown): Promise<void> {
    const session = this.#sessions.get(id);
    if (!session) return;
    session.state ??= Object.create(null) as Record<string, unknown>;
    if (value === undefined) delete session.state[key];
    else session.state[key] = structuredClone(value);
  }

  override async *subscribe(
    id: string,
    afterEventId: EventId,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    const found = this.#find(id, afterEventId);
    if (!found) {
      if (this.#sessions.has(id)) throw new EventsLostError(`The session has no event ${afterEventId}`);
      return;
    }
    const { session, log, streamId } = found;
    let { sequence } = found;
    const wake = () => log.wake();
    log.readers++;
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted && this.#sessions.get(id) === session) {
        if (!log.holdsAllAfter(sequence)) {
          throw new EventsLostError(`Events after ${eventIdOf(session, sequence, streamId)} were dropped`);
        }
        const event = log.after(sequence);
        if (!event) {
          await log.wait();
          continue;
        }
        sequence = event.sequence;
        yield { id: eventIdOf(session, sequence, streamId), message: copy(event.message) };
      }
    } finally {
      signal.removeEventListener('abort', wake);
      log.readers--;
    }
  }

  #log(session: StoredSession, streamId: string): EventLog {
    session.logs ??= new Map();
    const isTidy = session.logs.size <= this.#maxStreamLogs;
    if (isTidy && session.youngest?.streamId === streamId) return session.youngest.log;
    const log = session.logs.get(streamId) ?? new EventLog(this.#limits, session.sequence);
    session.youngest = { streamId, log };
    // Set again to make it the youngest: a Map keeps the order in which keys came.
    session.logs.delete(streamId);
    session.logs.set(streamId, log);
    if (session.logs.size > this.#maxStreamLogs) dropOldest(session.logs, log);
    return log;
  }

  #find(id: string, eventId: EventId): FoundEvent | undefined {
    const session = this.#sessions.get(id);
    const [, tag, digits, streamId] = /^([\w-]{8})\.([1-9]\d{0,15})#(.*)$/s.exec(eventId) ?? [];
    if (!session || tag !== session.tag || streamId === undefined) return undefined;
    const log = session.logs?.get(streamId);
    const sequence = Number(digits);
    return log?.holdsAllAfter(sequence) ? { session, log, streamId, sequence } : undefined;
  }

  #wakeReaders(id: string, change?: () => void): void {
    const logs = this.#sessions.get(id)?.logs;
    change?.();
    for (const log of logs?.values() ?? []) log.wake();
  }
}

function eventIdOf({ tag }: StoredSession, sequence: number, streamId: string): EventId {
  return `${tag}.${sequence}#${streamId}`;
}

/** Drops the least recently used log without readers: an idle stream that is open has missed nothing yet. */
function dropOldest(logs: Map<string, EventLog>, used: EventLog): void {
  for (const [streamId, log] of logs) {
    if (log.readers > 0 || log === used) continue;
    logs.delete(streamId);
    return;
  }
}

function atLeastOne(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`InMemorySessionAdapter: ${option} must be an integer of 1 or more, not ${value}`);
}

function copy(message: unknown): unknown {
  return typeof message === 'string' ? message : structuredClone(message);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
