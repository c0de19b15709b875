import type { ClientCapabilities } from '../protocol/types/capabilities.js';
import type { McpImplementation } from '../protocol/types/implementation.js';
import { pollEvents } from './poll-events.js';
import { RECORD_META, recordIdOf } from './record-ids.js';
import { SerialQueue } from './store/serial-queue.js';
import type { EventId, StreamEvent } from './stream-event.js';

/**
 * Facts of a session from its beginning. Plain JSON; an adapter keeps all of it, fields it does not know too.
 *
 * @publicApi
 */
export interface SessionMeta {
  /** The revision negotiated by `initialize`. */
  readonly protocolVersion: string;
  readonly clientInfo?: McpImplementation;
  readonly clientCapabilities?: ClientCapabilities;
  /** Owner of the session; absent without authentication. Checked by the caller, only kept here. */
  readonly principal?: string;
  readonly [fact: string]: unknown;
}

/**
 * A session as an adapter gives it out: its facts, never its event log.
 *
 * @publicApi
 */
export interface SessionData {
  readonly meta: SessionMeta;
}

/**
 * Names an append, so that it can be tried again after a failure that leaves open whether it was carried out.
 *
 * @publicApi
 */
export interface AppendAttempt {
  /** The same for all attempts, and no other append has it. */
  readonly name: string;
  /** True if there was an attempt before. */
  readonly isRepeat: boolean;
}

/** Small values that change while a session lives, by key. Plain JSON. */
export type SessionState = Readonly<Record<string, unknown>>;

/**
 * Keeps the sessions of legacy clients: facts, and one event log per stream. Also the token it is injected by.
 *
 * The seven abstract methods are enough for a correct server on any number of instances that share the store. The
 * others have defaults built on the seven; override them where the store can do better. An adapter only stores and
 * delivers: who may use a session, when it expires and how many there may be is decided by the server. Every method
 * may be called from several instances at once. Missing things are `undefined` or `false`; failures of the store
 * reject. After `close()` nothing is called any more.
 *
 * Prove an implementation with `sessionAdapterContract` of `nestjs-mcp-adapters/testing`.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 * @publicApi
 */
export abstract class SessionAdapter {
  /** True if other processes may use the same store. Servers that share one must share their secrets too. */
  readonly isShared: boolean = true;

  /**
   * True if `appendEvent` finds earlier attempts of other instances, too. Only then does another instance take over the
   * unsent messages of the instance that a client was connected to: else a message might be sent twice.
   */
  readonly findsAttempts: boolean = false;

  #stateWrites: SerialQueue | undefined;

  /** A new id: visible ASCII (0x21 to 0x7E), at least 128 random bits that cannot be guessed. */
  abstract generateSessionId(): string;

  /** Stores a session. If the id is taken, what was there is replaced. */
  abstract create(id: string, meta: SessionMeta): Promise<SessionData>;

  abstract has(id: string): Promise<boolean>;

  /** The facts of a session: a copy, or values that never change. Costs the same however long its logs are. */
  abstract get(id: string): Promise<SessionData | undefined>;

  /**
   * Adds a message to the end of a stream's log and makes it visible to every instance. Streams come into being with
   * their first message. Ids are unique in the session and never used again, also after old events were dropped;
   * messages appended at the same time all survive, in one order that every reader sees.
   *
   * An `attempt` is given with messages that are tried again when the store was away. A store that may have carried out
   * what it seemed to fail at finds the event by that name, if it is one of the latest of the stream, and adds no second one.
   *
   * @returns the id of the event; `undefined` if there is no such session
   */
  abstract appendEvent(
    id: string,
    streamId: string,
    message: unknown,
    attempt?: AppendAttempt,
  ): Promise<EventId | undefined>;

  /**
   * Gives `write` every event after `lastEventId` of the stream that event belongs to, in order, waiting for each
   * `write` before the next. Never events of another stream or session.
   *
   * @returns `false` if what follows `lastEventId` cannot be given completely: the id is malformed, foreign, or so
   * old that later events have been dropped. An adapter that cannot tell returns nothing.
   */
  abstract replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): Promise<boolean | void>;

  /** Removes a session with everything that belongs to it. Does nothing if there is none. */
  abstract delete(id: string): Promise<void>;

  /**
   * Reads the facts and keeps the session alive for another `ttlMs`. `undefined` if there is no such session or its
   * time was over.
   */
  async open(id: string, ttlMs: number): Promise<SessionData | undefined> {
    const session = await this.#facts(id);
    if (!session) return undefined;
    const aliveId = recordIdOf(id, 'alive');
    const expiresAt = await this.#expiresAt(id);
    const now = Date.now();
    if (expiresAt !== undefined && expiresAt <= now) {
      // The instance that would have swept it may be gone.
      await this.end(id);
      return undefined;
    }
    // Written four times per period at most, so that a busy session does not mean a busy store.
    if (expiresAt === undefined || expiresAt - now < ttlMs * 0.75) {
      await this.create(aliveId, { ...RECORD_META, expiresAt: now + ttlMs });
      return (await this.#isStillThere(id, aliveId)) ? session : undefined;
    }
    return session;
  }

  /** Checks whether the session is there and has not expired. Changes nothing. */
  async isAlive(id: string): Promise<boolean> {
    const expiresAt = await this.#expiresAt(id);
    return (expiresAt === undefined || expiresAt > Date.now()) && (await this.#facts(id)) !== undefined;
  }

  /** Removes the session and what the defaults of this class keep beside it. */
  async end(id: string): Promise<void> {
    const ids = [id, recordIdOf(id, 'state'), recordIdOf(id, 'alive')];
    const outcomes = await Promise.allSettled(ids.map(async (each) => this.delete(each)));
    // All are tried: what cannot be removed keeps nothing else from being removed.
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** All state of a session; empty if there is none. */
  async readState(id: string): Promise<SessionState> {
    const state = (await this.get(recordIdOf(id, 'state')))?.meta['state'];
    return typeof state === 'object' && state !== null ? (state as SessionState) : {};
  }

  /**
   * Sets one key of a session's state, or removes it with `undefined`. By default writes of one instance wait for each
   * other; two instances that write different keys at the same moment may lose one of the writes: an adapter with
   * atomic updates should override this.
   */
  writeState(id: string, key: string, value: unknown): Promise<void> {
    this.#stateWrites ??= new SerialQueue();
    return this.#stateWrites.run(id, async () => {
      if (!(await this.has(id))) return;
      const { [key]: _old, ...others } = await this.readState(id);
      const state = value === undefined ? others : { ...others, [key]: value };
      const stateId = recordIdOf(id, 'state');
      await this.create(stateId, { ...RECORD_META, state });
      await this.#isStillThere(id, stateId);
    });
  }

  /**
   * The events after `afterEventId` of the stream it belongs to: first those in the log, then new ones as they come,
   * each once and in order, until `signal` is aborted (which ends the iteration without an error) or the session is
   * gone. Throws `EventsLostError` when events were dropped before they could be given.
   */
  subscribe(id: string, afterEventId: EventId, signal: AbortSignal): AsyncIterable<StreamEvent> {
    return pollEvents(this, id, afterEventId, signal);
  }

  /** Renews the lease of an instance of the server for another `ttlMs` at least. By default nothing is stored. */
  async keepInstanceAlive(_instance: string, _ttlMs: number): Promise<void> {}

  /** Checks whether the lease of an instance still holds. By default it is unknown, and the answer is `true`. */
  async isInstanceAlive(_instance: string): Promise<boolean> {
    return true;
  }

  /** True if the death of an instance is noticed: only then are records kept that name an instance. */
  get hasInstanceLeases(): boolean {
    return this.isShared && this.isInstanceAlive !== SessionAdapter.prototype.isInstanceAlive;
  }

  /** The stream an event belongs to, as far as its id says. */
  streamIdOf(eventId: EventId): string | undefined {
    const separator = eventId.indexOf('#');
    return separator < 0 ? undefined : eventId.slice(separator + 1);
  }

  /** Resolves if the store can be reached now, else rejects with the reason. By default it asks for a session. */
  async ping(): Promise<void> {
    await this.has('ping');
  }

  /** Frees what the adapter itself opened. Called once, when the application closes. */
  async close(): Promise<void> {}

  /** The facts of what is a session, and no record beside one. */
  async #facts(id: string): Promise<SessionData | undefined> {
    const found = await this.get(id);
    return found?.meta.protocolVersion === RECORD_META.protocolVersion ? undefined : found;
  }

  /** Removes what was just written beside a session that was ended meanwhile: no other caller would. */
  async #isStillThere(id: string, recordId: string): Promise<boolean> {
    const isThere = await this.has(id);
    if (!isThere) await this.delete(recordId);
    return isThere;
  }

  async #expiresAt(id: string): Promise<number | undefined> {
    const expiresAt = (await this.get(recordIdOf(id, 'alive')))?.meta['expiresAt'];
    return typeof expiresAt === 'number' ? expiresAt : undefined;
  }
}
