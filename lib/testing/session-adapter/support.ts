import assert from 'node:assert/strict';
import type { SessionAdapter, SessionMeta } from '../../adapters/session.adapter.js';
import type { EventId, StreamEvent } from '../../adapters/stream-event.js';
import { boundedCase, waitFor } from '../bounded-case.js';
import type { ContractCase, ContractSubject } from '../contract.js';
import { assertSameJson } from '../json.js';

export const META: SessionMeta = { protocolVersion: '2025-11-25' };

/** Two instances on one store, and a session that exists. */
export interface OpenSession {
  readonly first: SessionAdapter;
  readonly second: SessionAdapter;
  readonly id: string;
  /** Aborted when the case is over. */
  readonly over: AbortSignal;
  readonly subject: ContractSubject<SessionAdapter>;
}

/** Defines a case about a session that exists and two instances that know it. */
export function sessionCase(
  name: string,
  body: (session: OpenSession) => Promise<void>,
): ContractCase<SessionAdapter> {
  return boundedCase<SessionAdapter>(name, async (subject, over) => {
    const first = subject.adapter;
    const second = await subject.another();
    const id = await newSession(first);
    await body({ first, second, id, over, subject });
  });
}

export async function newSession(adapter: SessionAdapter, meta: SessionMeta = META): Promise<string> {
  const id = adapter.generateSessionId();
  await adapter.create(id, meta);
  return id;
}

/** Appends and insists on an id. */
export async function append(
  adapter: SessionAdapter,
  id: string,
  streamId: string,
  message: unknown,
): Promise<EventId> {
  const eventId = await adapter.appendEvent(id, streamId, message);
  assert.equal(typeof eventId, 'string', 'appendEvent gives the id of the event');
  return eventId as EventId;
}

export interface Replayed {
  readonly result: boolean | void;
  readonly events: readonly StreamEvent[];
  readonly messages: readonly unknown[];
}

export async function replay(adapter: SessionAdapter, id: string, after: EventId): Promise<Replayed> {
  const events: StreamEvent[] = [];
  const result = await adapter.replay(id, after, (eventId, message) => {
    events.push({ id: eventId, message });
  });
  return { result, events, messages: events.map(({ message }) => message) };
}

/** Asserts that nothing is replayed, and that the adapter does not claim that this was all. */
export async function assertReplaysNothing(
  adapter: SessionAdapter,
  id: string,
  after: EventId,
): Promise<void> {
  const { result, messages } = await replay(adapter, id, after);
  assertSameJson(messages, [], `nothing is written for the event id ${JSON.stringify(after.slice(0, 80))}`);
  assert.ok(result === false || result === undefined, 'replay gives false or, if it cannot tell, nothing');
}

/** Follows a stream and keeps what comes. */
export class Follower {
  readonly events: StreamEvent[] = [];
  readonly #stop = new AbortController();
  readonly #end: Promise<void>;
  #hasEnded = false;
  #error: unknown;

  constructor(adapter: SessionAdapter, id: string, after: EventId, over: AbortSignal) {
    over.addEventListener('abort', () => this.#stop.abort(), { once: true });
    this.#end = this.#read(adapter.subscribe(id, after, this.#stop.signal)).then(
      () => void (this.#hasEnded = true),
      (error: unknown) => {
        this.#error = error ?? 'something';
        this.#hasEnded = true;
      },
    );
  }

  get ids(): readonly EventId[] {
    return this.events.map(({ id }) => id);
  }

  get messages(): readonly unknown[] {
    return this.events.map(({ message }) => message);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** True if it ended with the error that events were lost. */
  get hasLostEvents(): boolean {
    return (this.#error as { code?: unknown } | undefined)?.code === 'MCP_EVENTS_LOST';
  }

  async received(count: number): Promise<void> {
    await waitFor(() => this.events.length >= count || this.#hasEnded, `event ${count} of a stream`);
    assert.equal(this.#error, undefined, 'the iteration does not throw');
  }

  /** Aborts and asserts that the iteration ends without an error. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended('the end of an iteration after its signal was aborted');
  }

  async ended(what: string): Promise<void> {
    await waitFor(() => this.#hasEnded, what);
    await this.#end;
    assert.equal(this.#error, undefined, 'the iteration ends without an error');
  }

  async #read(events: AsyncIterable<StreamEvent>): Promise<void> {
    for await (const event of events) this.events.push(event);
  }
}

export interface ManyEvents {
  /** All that were appended, in order. */
  readonly events: readonly StreamEvent[];
  /** True once the log has dropped events after `after`. */
  readonly isTrimmed: boolean;
}

const MANY = { events: 2_500, budgetMs: 1_500, checkEvery: 125, characters: 1_024 };

/**
 * Appends until the log no longer holds what follows `after`. An adapter that keeps a lot is believed to keep all after
 * some thousand events, a slow one after some time.
 */
export async function appendMany(
  adapter: SessionAdapter,
  id: string,
  streamId: string,
  after: EventId,
): Promise<ManyEvents> {
  const events: StreamEvent[] = [];
  const deadline = Date.now() + MANY.budgetMs;
  while (events.length < MANY.events && Date.now() < deadline) {
    const message = `n${String(events.length).padEnd(MANY.characters, '.')}`;
    events.push({ id: await append(adapter, id, streamId, message), message });
    if (events.length % MANY.checkEvery !== 0) continue;
    const kept = await replay(adapter, id, after);
    if (kept.result === false || kept.events.length < events.length) return { events, isTrimmed: true };
  }
  return { events, isTrimmed: false };
}
