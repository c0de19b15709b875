import type { SessionMeta } from '../adapters/session.adapter.js';
import type { EventId } from '../adapters/stream-event.js';
import type { Call } from '../calls/call.js';
import type { UsePlace } from '../collections/use-order.js';
import type { RequestId } from '../protocol/json-rpc.js';
import { standaloneStream } from './stream-log.js';

/** Request that runs. Of a class, as whatever lives as long as a call (see `HttpExchange`). */
export interface RunningCall {
  readonly id: RequestId;
  /** Ends it without an answer, as its client asked. */
  cancel(reason: string): void;
  /** Ends it with an error, as its session is over. */
  end(reason: string): void;
}

/** Connection that carries one of a session's streams to its client. */
export interface StreamConnection {
  readonly streamId: string;
  /** Resolves when an event has been written, or the connection is gone. */
  delivered(id: EventId): Promise<void> | void;
  /** Resolves when the next event has been written, or the connection is gone. */
  taken(): Promise<void>;
  /** Gives a client that reads nothing less time: there is no room for more of what waits for it. */
  hurry(): void;
  /** Ends the connection, asking the client to come back. */
  pause(retryMs: number): Promise<void>;
  /** Breaks the connection, with whatever still waits for a client that does not read it. */
  drop(): void;
  close(): void;
  /** Closes it with an error for requests that wait here for their answers: the session is over. */
  refuse(reason: string): void;
}

/** Places of a session by use. */
export interface SessionPlaces {
  readonly all: UsePlace<Session>;
  readonly own: UsePlace<Session>;
}

const NONE: readonly never[] = [];

/** Session as this instance has it, beyond its facts: the requests that run here and the streams that end here. */
export class Session {
  lastSeenAt = 0;
  /** Its places among all sessions of this instance and among those of its caller. */
  places: SessionPlaces | undefined;
  /** True while this instance sends the client what belongs to no request: that stream was opened here last. */
  isListening = false;
  /** Position in that stream at which the client came here last. */
  claim: EventId | undefined;
  /** Makes a call of the client that came here last for it, to ask what it may hear of. */
  listener: (() => Call) | undefined;
  /** True if the client has since opened a stream at another instance. */
  isElsewhere = false;
  /** POSTs with requests that are not answered yet. A batch is one, however many requests it holds. */
  postCount = 0;
  // Lists are made anew at each change: one that grows has room for many, which few sessions have.
  #calls: readonly RunningCall[] = NONE;
  #connections: readonly StreamConnection[] = NONE;

  constructor(
    readonly id: string,
    readonly meta: SessionMeta,
    /** Caller whose share of the sessions of this instance it uses up. */
    readonly caller: string,
  ) {}

  /** A session in use is never evicted and does not expire. */
  get isInUse(): boolean {
    return this.#calls.length > 0 || this.#connections.length > 0;
  }

  get connectionCount(): number {
    return this.#connections.length;
  }

  /** True if the client knows that it may come back for the rest of a stream: since 2025-11-25. */
  get isPollable(): boolean {
    return this.meta.protocolVersion >= '2025-11-25';
  }

  /** @returns `false` if a request of this id is running already */
  beginCall(call: RunningCall): boolean {
    if (this.#calls.some(({ id }) => id === call.id)) return false;
    this.#calls = this.#calls.concat(call);
    return true;
  }

  endCall(id: RequestId): void {
    const others = this.#calls.filter((running) => running.id !== id);
    this.#calls = others.length === 0 ? NONE : others;
  }

  /** @returns whether such a request was running here */
  cancelCall(id: RequestId, reason: string): boolean {
    const running = this.#calls.find((each) => each.id === id);
    running?.cancel(reason);
    return running !== undefined;
  }

  /** Connection that carries a stream now, if this instance has it; without a name, of the stream that belongs to no request. */
  connection(streamId: string = standaloneStream(this.id)): StreamConnection | undefined {
    return this.#connections.find((connection) => connection.streamId === streamId);
  }

  /** A stream has one connection: a new one takes the place of the old, which is closed. */
  connect(connection: StreamConnection): void {
    const previous = this.connection(connection.streamId);
    this.#connections = this.#connections.filter((each) => each !== previous).concat(connection);
    previous?.close();
  }

  disconnect(connection: StreamConnection): void {
    this.#connections = this.#connections.filter((each) => each !== connection);
  }

  /** Cancels what runs and closes what is open; the session goes on elsewhere. */
  release(reason: string): void {
    for (const call of this.#calls) call.cancel(reason);
    for (const connection of this.#connections) connection.close();
  }

  /** Does the same when the session is over: requests that wait for an answer get an error. */
  end(reason: string): void {
    for (const call of this.#calls) call.end(reason);
    for (const connection of this.#connections) connection.refuse(reason);
  }
}
