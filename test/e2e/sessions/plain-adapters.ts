import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  PendingRequest,
  PlainClientRequestAdapter,
  PlainSessionAdapter,
  SessionData,
  SessionMeta,
} from 'nestjs-mcp-adapters/adapters';

interface Kept {
  readonly meta: SessionMeta;
  readonly events: { readonly id: string; readonly streamId: string; readonly message: unknown }[];
}

/** The seven methods as written by an author who knows nothing of this library but their names. */
export class InMemoryPlainAdapter implements PlainSessionAdapter {
  readonly sessions = new Map<string, Kept>();
  readonly #delayMs: number | undefined;

  constructor({ delayMs }: { readonly delayMs?: number } = {}) {
    this.#delayMs = delayMs;
  }

  generateSessionId(): string {
    return randomUUID();
  }

  create(id: string, meta: SessionMeta): unknown {
    return this.#later(() => void this.sessions.set(id, { meta, events: [] }));
  }

  has(id: string): boolean {
    return this.sessions.has(id);
  }

  get(id: string): SessionData | undefined {
    return this.sessions.get(id);
  }

  appendEvent(id: string, streamId: string, message: unknown): string | undefined {
    const session = this.sessions.get(id);
    const eventId = randomUUID();
    session?.events.push({ id: eventId, streamId, message });
    return session && eventId;
  }

  async replay(
    id: string,
    lastEventId: string,
    write: (eventId: string, message: unknown) => Promise<void> | void,
  ): Promise<void> {
    const events = this.sessions.get(id)?.events ?? [];
    const last = events.findIndex((event) => event.id === lastEventId);
    if (last < 0) throw new Error('No such event');
    const missed = events.slice(last + 1).filter(({ streamId }) => streamId === events[last]?.streamId);
    for (const event of missed) await write(event.id, event.message);
  }

  delete(id: string): unknown {
    return this.#later(() => void this.sessions.delete(id));
  }

  #later(change: () => void): unknown {
    return this.#delayMs === undefined ? change() : delay(this.#delayMs).then(change);
  }
}

interface Waiting {
  resolve(response: unknown): void;
  reject(reason: unknown): void;
}

/** The three methods, synchronous, without a time limit of its own. */
export class InMemoryPlainRequests implements PlainClientRequestAdapter {
  readonly waiting = new Map<string, Waiting>();

  createPending(sessionId: string | undefined, requestId: string | number): PendingRequest {
    const promise = new Promise<unknown>((resolve, reject) =>
      this.waiting.set(`${sessionId} ${requestId}`, { resolve, reject }),
    );
    return { promise };
  }

  resolvePending(sessionId: string | undefined, requestId: string | number, response: unknown): boolean {
    return this.#settle(sessionId, requestId, (waiting) => waiting.resolve(response));
  }

  rejectPending(sessionId: string | undefined, requestId: string | number, reason: unknown): boolean {
    return this.#settle(sessionId, requestId, (waiting) => waiting.reject(reason));
  }

  #settle(
    sessionId: string | undefined,
    requestId: string | number,
    act: (waiting: Waiting) => void,
  ): boolean {
    const waiting = this.waiting.get(`${sessionId} ${requestId}`);
    this.waiting.delete(`${sessionId} ${requestId}`);
    if (waiting) act(waiting);
    return waiting !== undefined;
  }
}
