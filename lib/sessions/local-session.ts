import type { SessionMeta } from '../adapters/session.adapter.js';
import type { EventId } from '../adapters/stream-event.js';
import type { RequestId } from '../protocol/json-rpc.js';
import type { Call } from '../calls/call.js';

/** A request that runs. */
export interface RunningCall {
  /** Ends it without an answer, as its client asked. */
  cancel(reason: string): void;
  /** Ends it with an error: its session is over. */
  end(reason: string): void;
}

/** A connection that carries one of a session's streams. */
export interface SessionConnection {
  close(): void;
  /** The same, with an error for requests that wait here for their answers: the session is over. */
  end(reason: string): void;
}

/** What this instance knows of a session beyond its facts: the requests it runs for it and the streams it holds. */
export class LocalSession {
  lastSeenAt = 0;
  /** Whether the client has come here for the messages that belong to no request, and not elsewhere since. */
  isListening = false;
  /** Where in their stream the client came here last. */
  claim: EventId | undefined;
  /** Who came here for them last: asked whether it may hear of a resource. */
  listener: Call | undefined;
  /** Whether the client has opened a stream at another instance since. */
  isElsewhere = false;
  /** POSTs with requests that are not answered yet. A batch is one, however many requests it holds. */
  postCount = 0;
  // Dropped when empty: for V8's collector a Map that lives on may keep what was in it (see Roster).
  #calls: Map<RequestId, RunningCall> | undefined;
  #connections: Map<string, SessionConnection> | undefined;

  constructor(
    readonly id: string,
    readonly meta: SessionMeta,
    /** Whose share of the sessions of this instance it uses up. */
    readonly caller: string,
  ) {}

  /** A session in use is never evicted and does not expire. */
  get isInUse(): boolean {
    return (this.#calls?.size ?? 0) > 0 || (this.#connections?.size ?? 0) > 0;
  }

  get connectionCount(): number {
    return this.#connections?.size ?? 0;
  }

  /** `false` if a request of this id is running already. */
  beginCall(id: RequestId, call: RunningCall): boolean {
    this.#calls ??= new Map();
    if (this.#calls.has(id)) return false;
    this.#calls.set(id, call);
    return true;
  }

  endCall(id: RequestId): void {
    this.#calls?.delete(id);
    if (this.#calls?.size === 0) this.#calls = undefined;
  }

  /** Whether such a request was running here. */
  cancelCall(id: RequestId, reason: string): boolean {
    const call = this.#calls?.get(id);
    call?.cancel(reason);
    return call !== undefined;
  }

  connection(streamId: string): SessionConnection | undefined {
    return this.#connections?.get(streamId);
  }

  /** A stream has one connection: a new one takes the place of the old, which is closed. */
  connect(streamId: string, connection: SessionConnection): void {
    this.#connections ??= new Map();
    const previous = this.#connections.get(streamId);
    this.#connections.set(streamId, connection);
    previous?.close();
  }

  disconnect(streamId: string, connection: SessionConnection): void {
    if (this.#connections?.get(streamId) !== connection) return;
    this.#connections.delete(streamId);
    if (this.#connections.size === 0) this.#connections = undefined;
  }

  /** Cancels what runs and closes what is open; the session goes on elsewhere. */
  release(reason: string): void {
    for (const call of [...(this.#calls?.values() ?? [])]) call.cancel(reason);
    for (const connection of [...(this.#connections?.values() ?? [])]) connection.close();
  }

  /** The same when the session is over: whoever waits for an answer gets an error. */
  end(reason: string): void {
    for (const call of [...(this.#calls?.values() ?? [])]) call.end(reason);
    for (const connection of [...(this.#connections?.values() ?? [])]) connection.end(reason);
  }
}
