import type { SessionMeta } from '../adapters/session.adapter.js';
import type { RequestId } from '../protocol/json-rpc.js';

/** Ends a running request without an answer. */
export type CancelCall = (reason: string) => void;

/** A connection that carries one of a session's streams. */
export interface SessionConnection {
  close(): void;
}

/** What this instance knows of a session beyond its facts: the requests it runs for it and the streams it holds. */
export class LocalSession {
  lastSeenAt = 0;
  /** Whether the client has come here for the messages that belong to no request, and not elsewhere since. */
  isListening = false;
  /** Whether the client has opened a stream at another instance since. */
  isElsewhere = false;
  // Dropped when empty: for V8's collector a Map that lives on may keep what was in it (see Roster).
  #calls: Map<RequestId, CancelCall> | undefined;
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

  get callCount(): number {
    return this.#calls?.size ?? 0;
  }

  get connectionCount(): number {
    return this.#connections?.size ?? 0;
  }

  /** `false` if a request of this id is running already. */
  beginCall(id: RequestId, cancel: CancelCall): boolean {
    this.#calls ??= new Map();
    if (this.#calls.has(id)) return false;
    this.#calls.set(id, cancel);
    return true;
  }

  endCall(id: RequestId): void {
    this.#calls?.delete(id);
    if (this.#calls?.size === 0) this.#calls = undefined;
  }

  /** Whether such a request was running here. */
  cancelCall(id: RequestId, reason: string): boolean {
    const cancel = this.#calls?.get(id);
    cancel?.(reason);
    return cancel !== undefined;
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

  /** Cancels what runs and closes what is open. */
  release(reason: string): void {
    for (const cancel of [...(this.#calls?.values() ?? [])]) cancel(reason);
    for (const connection of [...(this.#connections?.values() ?? [])]) connection.close();
  }
}
