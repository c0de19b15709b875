import type { ClientCapabilities } from '../protocol/types/capabilities.js';
import type { Implementation } from '../protocol/types/implementation.js';
import { pollEvents } from './poll-events.js';
import type { EventId, StreamEvent } from './stream-event.js';

/**
 * What is known of a session from its beginning. Plain JSON; an adapter keeps all of it, fields it does not know too.
 *
 * @publicApi
 */
export interface SessionMeta {
  /** The revision negotiated by `initialize`. */
  readonly protocolVersion: string;
  readonly clientInfo?: Implementation;
  readonly clientCapabilities?: ClientCapabilities;
  /** Whose session it is; absent when nobody authenticated. Checked by the caller, only kept here. */
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
  /** Whether there was an attempt before. */
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
  /** Whether other processes may use the same store. Servers that share one must share their secrets too. */
  readonly isShared: boolean = true;

  /** A new id: visible ASCII (0x21 to 0x7E), at least 128 bits that nobody can guess. */
  abstract generateSessionId(): string;

  /** Stores a session. If the id is taken, what was there is replaced. */
  abstract create(id: string, meta: SessionMeta): Promise<SessionData>;

  abstract has(id: string): Promise<boolean>;

  /** The facts of a session: a copy, or values nobody will change. Costs the same however long its logs are. */
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
    const session = isBeside(id) ? undefined : await this.get(id);
    if (!session) return undefined;
    const expiresAt = await this.#expiresAt(id);
    const now = Date.now();
    if (expiresAt !== undefined && expiresAt <= now) return undefined;
    // Written four times per period at most, so that a busy session does not mean a busy store.
    if (expiresAt === undefined || expiresAt - now < ttlMs * 0.75) {
      await this.create(aliveKey(id), { ...NO_META, expiresAt: now + ttlMs });
      return (await this.#isStillThere(id, aliveKey(id))) ? session : undefined;
    }
    return session;
  }

  /** Whether the session is there and its time not over. Changes nothing. */
  async isAlive(id: string): Promise<boolean> {
    if (isBeside(id)) return false;
    const expiresAt = await this.#expiresAt(id);
    return (expiresAt === undefined || expiresAt > Date.now()) && (await this.has(id));
  }

  /** Removes the session and what the defaults of this class keep beside it. */
  async end(id: string): Promise<void> {
    await this.delete(id);
    await this.delete(stateKey(id));
    await this.delete(aliveKey(id));
  }

  /** All state of a session; empty if there is none. */
  async readState(id: string): Promise<SessionState> {
    const state = (await this.get(stateKey(id)))?.meta['state'];
    return typeof state === 'object' && state !== null ? (state as SessionState) : {};
  }

  /**
   * Sets one key of a session's state, or removes it with `undefined`. By default two instances that write different
   * keys at the same moment may lose one of the writes; an adapter with atomic updates should override this.
   */
  async writeState(id: string, key: string, value: unknown): Promise<void> {
    if (!(await this.has(id))) return;
    const { [key]: _old, ...others } = await this.readState(id);
    const state = value === undefined ? others : { ...others, [key]: value };
    await this.create(stateKey(id), { ...NO_META, state });
    await this.#isStillThere(id, stateKey(id));
  }

  /**
   * The events after `afterEventId` of the stream it belongs to: first those in the log, then new ones as they come,
   * each once and in order, until `signal` is aborted (which ends the iteration without an error) or the session is
   * gone. Throws `EventsLostError` when events were dropped before they could be given.
   */
  subscribe(id: string, afterEventId: EventId, signal: AbortSignal): AsyncIterable<StreamEvent> {
    return pollEvents(this, id, afterEventId, signal);
  }

  /** Says that an instance of the server will live for another `ttlMs` at least. By default nobody is told. */
  async keepInstanceAlive(_instance: string, _ttlMs: number): Promise<void> {}

  /** Whether an instance that said so still lives. By default there is no knowing, and it is taken to. */
  async isInstanceAlive(_instance: string): Promise<boolean> {
    return true;
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

  /** Removes what was just written beside a session that was ended meanwhile: nobody else would. */
  async #isStillThere(id: string, besideKey: string): Promise<boolean> {
    const isThere = await this.has(id);
    if (!isThere) await this.delete(besideKey);
    return isThere;
  }

  async #expiresAt(id: string): Promise<number | undefined> {
    const expiresAt = (await this.get(aliveKey(id)))?.meta['expiresAt'];
    return typeof expiresAt === 'number' ? expiresAt : undefined;
  }
}

/** Records that the defaults keep beside a session have no protocol version of their own. */
const NO_META = { protocolVersion: '' };

/** Whether this is the id of such a record, which is no session and is never opened as one. */
function isBeside(id: string): boolean {
  return id.endsWith('~state') || id.endsWith('~alive');
}

function stateKey(id: string): string {
  return `${id}~state`;
}

function aliveKey(id: string): string {
  return `${id}~alive`;
}
