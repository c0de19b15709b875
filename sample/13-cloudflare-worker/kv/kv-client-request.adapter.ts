import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ClientRequestAdapter, type SessionAdapter } from 'nestjs-mcp-adapters';
import type { PendingRequest } from 'nestjs-mcp-adapters/adapters';
import { keysBelow, nameOf, put, type KvNamespace } from './kv-namespace.js';

type RequestId = string | number;

/** Between two looks for an answer: more often soon after the question. */
const LOOK_MS = { first: 100, last: 2_000 };

/** Time that an answer is kept for whoever asked, who looks for it no longer than the question waits. */
const ANSWER_SECONDS = 3600;

/** Question that waits at this instance. */
interface Waiting {
  readonly promise: Promise<unknown>;
  readonly resolve: (response: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Keeps answers in Workers KV, each under a key of its own. A question is known to the instance that asked it alone: what
 * it wrote might arrive elsewhere after the answer. So elsewhere an answer is kept if its session is known, whether somebody
 * waits for it or not.
 */
export class KvClientRequestAdapter extends ClientRequestAdapter {
  /** An answer takes a minute from one place to another. */
  override readonly defaultTimeoutMs = 10 * 60_000;
  readonly #waiting = new Map<string, Waiting>();

  constructor(
    private readonly kv: KvNamespace,
    private readonly sessions: SessionAdapter,
  ) {
    super();
  }

  override createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    { timeoutMs }: { readonly timeoutMs: number },
  ): PendingRequest {
    const name = nameOf(sessionId ?? '', JSON.stringify(requestId));
    this.#waiting.get(name)?.reject(new Error('The same was asked again'));
    let settle!: Pick<Waiting, 'resolve' | 'reject'>;
    const promise = new Promise<unknown>((resolve, reject) => (settle = { resolve, reject }));
    const waiting = { promise, ...settle };
    this.#waiting.set(name, waiting);
    void this.#look(name, waiting, Date.now() + timeoutMs);
    return { promise };
  }

  override async resolvePending(
    sessionId: string | undefined,
    requestId: RequestId,
    response: unknown,
  ): Promise<boolean> {
    const name = nameOf(sessionId ?? '', JSON.stringify(requestId));
    const waiting = this.#take(name);
    waiting?.resolve(response);
    if (waiting) return true;
    // A parked call of a modern client is in no session: one that is not here counts as gone.
    if (sessionId === undefined || !(await this.sessions.has(sessionId))) return false;
    await put(this.kv, `answer/${name}/${randomUUID()}`, JSON.stringify(response), {
      expirationTtl: ANSWER_SECONDS,
    });
    return true;
  }

  /** Withdraws a question where it was asked, as its asker does. */
  override async rejectPending(
    sessionId: string | undefined,
    requestId: RequestId,
    reason: unknown,
  ): Promise<boolean> {
    const waiting = this.#take(nameOf(sessionId ?? '', JSON.stringify(requestId)));
    waiting?.reject(reason);
    return waiting !== undefined;
  }

  override async close(): Promise<void> {
    for (const name of [...this.#waiting.keys()])
      this.#take(name)?.reject(new Error('The server has closed'));
  }

  /** Looks by listing: of a key that is asked for it is remembered for a minute that it was not there. */
  async #look(name: string, waiting: Waiting, deadline: number): Promise<void> {
    for (let pauseMs = LOOK_MS.first; ; pauseMs = Math.min(pauseMs * 2, LOOK_MS.last)) {
      const left = deadline - Date.now();
      await delay(Math.min(pauseMs, Math.max(left, 0)), undefined, { ref: false });
      if (this.#waiting.get(name) !== waiting) return;
      const answer = await this.#answerOf(name).catch(() => null);
      if (this.#waiting.get(name) !== waiting) return;
      if (answer !== null) this.#take(name)?.resolve(JSON.parse(answer));
      else if (left <= 0) this.#take(name)?.reject(new Error('No answer in time'));
      else continue;
      return;
    }
  }

  async #answerOf(name: string): Promise<string | null> {
    const [first] = await keysBelow(this.kv, `answer/${name}/`);
    return first ? this.kv.get(first.name) : null;
  }

  #take(name: string): Waiting | undefined {
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    return waiting;
  }
}
