import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { ClientRequestAdapter, type PendingRequest } from '../../lib/adapters/client-request.adapter.js';
import {
  SessionAdapter,
  type SessionData,
  type SessionMeta,
  type SessionState,
} from '../../lib/adapters/session.adapter.js';
import type { EventId, StreamEvent } from '../../lib/adapters/stream-event.js';
import type { RequestId } from '../../lib/protocol/json-rpc.js';

export interface LoggedEvent extends StreamEvent {
  readonly streamId: string;
}

export interface ArraySession {
  readonly data: SessionData;
  events: LoggedEvent[];
  count: number;
  expiresAt: number;
  state: Record<string, unknown>;
  readonly listeners: Set<() => void>;
}

export type ArrayStore = Map<string, ArraySession>;

/**
 * The simplest sessions that keep the contract: a map and arrays, given to every instance. Each small thing it does is a
 * method of its own, for a broken adapter to do wrong.
 */
export class ArraySessionAdapter extends SessionAdapter {
  constructor(protected readonly store: ArrayStore) {
    super();
  }

  override generateSessionId(): string {
    return randomUUID();
  }

  override async create(id: string, meta: SessionMeta): Promise<SessionData> {
    const old = this.store.get(id);
    this.store.set(id, this.begin(meta, old));
    this.wake(old);
    return this.copy({ meta });
  }

  override async has(id: string): Promise<boolean> {
    return this.store.has(id);
  }

  override async get(id: string): Promise<SessionData | undefined> {
    return this.copy(this.store.get(id)?.data);
  }

  override async appendEvent(id: string, streamId: string, message: unknown): Promise<EventId | undefined> {
    const session = this.store.get(id);
    if (!session) return undefined;
    const event = { id: this.eventId(session, streamId), streamId, message: this.copy(message) };
    await this.push(session, event);
    this.wake(session);
    return event.id;
  }

  override async replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): Promise<boolean | void> {
    const events = this.following(id, lastEventId);
    for (const event of events ?? []) await write(event.id, this.copy(event.message));
    return events !== undefined;
  }

  override async delete(id: string): Promise<void> {
    const session = this.store.get(id);
    this.store.delete(id);
    this.wake(session);
  }

  override async open(id: string, ttlMs: number): Promise<SessionData | undefined> {
    const session = this.store.get(id);
    if (!session || session.expiresAt <= Date.now()) return undefined;
    session.expiresAt = Date.now() + ttlMs;
    return this.copy(session.data);
  }

  override async isAlive(id: string): Promise<boolean> {
    return (this.store.get(id)?.expiresAt ?? 0) > Date.now();
  }

  override end(id: string): Promise<void> {
    return this.delete(id);
  }

  override async readState(id: string): Promise<SessionState> {
    return this.copy(this.store.get(id)?.state ?? {});
  }

  override async writeState(id: string, key: string, value: unknown): Promise<void> {
    const session = this.store.get(id);
    if (!session) return;
    const { [key]: _old, ...others } = session.state;
    session.state = value === undefined ? others : { ...others, [key]: this.copy(value) };
  }

  override async *subscribe(
    id: string,
    afterEventId: EventId,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    const session = this.store.get(id);
    let last = afterEventId;
    while (!signal.aborted && session && this.store.get(id) === session) {
      const [next] = this.following(id, last) ?? this.lost();
      if (next) yield { id: (last = next.id), message: this.copy(next.message) };
      else await this.change(session, signal);
    }
  }

  override streamIdOf(): string | undefined {
    return undefined;
  }

  protected begin(meta: SessionMeta, _old: ArraySession | undefined): ArraySession {
    const data = this.copy({ meta });
    return { data, events: [], count: 0, expiresAt: Infinity, state: {}, listeners: new Set() };
  }

  protected copy<T>(value: T): T {
    return structuredClone(value);
  }

  protected eventId(_session: ArraySession, _streamId: string): EventId {
    return randomUUID();
  }

  protected async push(session: ArraySession, event: LoggedEvent): Promise<void> {
    session.events.push(event);
    session.count++;
  }

  protected following(id: string, lastEventId: EventId): LoggedEvent[] | undefined {
    const events = this.store.get(id)?.events ?? [];
    const last = events.findIndex((event) => event.id === lastEventId);
    if (last < 0) return undefined;
    return events.slice(last + 1).filter(({ streamId }) => streamId === events[last]?.streamId);
  }

  protected lost(): never {
    throw Object.assign(new Error('Events were dropped'), { code: 'MCP_EVENTS_LOST' });
  }

  protected change({ listeners }: ArraySession, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      listeners.add(done);
      signal.addEventListener('abort', done);
    });
  }

  protected wake(session: ArraySession | undefined): void {
    for (const listener of [...(session?.listeners ?? [])]) listener();
  }
}

export interface Wait {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

export type WaitStore = Map<string, Wait>;

/** The simplest questions that keep the contract, made to be done wrong in the same way. */
export class MapClientRequestAdapter extends ClientRequestAdapter {
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(protected readonly store: WaitStore) {
    super();
  }

  override createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    { timeoutMs }: { readonly timeoutMs: number },
  ): PendingRequest {
    const key = this.key(sessionId, requestId);
    this.replace(key);
    const { promise, resolve, reject } = deferred();
    const timer = setTimeout(() => this.giveUp(key, wait), Math.min(timeoutMs, 2 ** 31 - 1));
    this.#timers.add(timer);
    const wait: Wait = {
      resolve: (value) => {
        this.stop(timer);
        resolve(value);
      },
      reject: (reason) => {
        this.stop(timer);
        reject(reason);
      },
    };
    return { promise, ...this.register(key, wait) };
  }

  override async resolvePending(
    sessionId: string | undefined,
    requestId: RequestId,
    response: unknown,
  ): Promise<boolean> {
    const wait = await this.take(this.key(sessionId, requestId));
    wait?.resolve(response);
    return wait !== undefined;
  }

  override async rejectPending(
    sessionId: string | undefined,
    requestId: RequestId,
    reason: unknown,
  ): Promise<boolean> {
    const wait = await this.take(this.key(sessionId, requestId));
    wait?.reject(reason);
    return wait !== undefined;
  }

  /** Whatever a broken adapter leaves behind, the test goes on without it. */
  override async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  protected key(sessionId: string | undefined, requestId: RequestId): string {
    return JSON.stringify([sessionId ?? null, requestId]);
  }

  protected register(key: string, wait: Wait): { ready?: Promise<void> } {
    return { ready: turn().then(() => void this.store.set(key, wait)) };
  }

  protected async take(key: string): Promise<Wait | undefined> {
    const wait = this.store.get(key);
    this.store.delete(key);
    return wait;
  }

  protected replace(key: string): void {
    this.store.get(key)?.reject(new Error('Asked again'));
    this.store.delete(key);
  }

  protected giveUp(key: string, wait: Wait): void {
    if (this.store.get(key) === wait) this.store.delete(key);
    wait.reject(new Error('No answer'));
  }

  protected stop(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
  }
}

export function deferred(): Wait & { readonly promise: Promise<unknown> } {
  let wait: Wait | undefined;
  const promise = new Promise<unknown>((resolve, reject) => (wait = { resolve, reject }));
  return { promise, ...(wait as unknown as Wait) };
}
