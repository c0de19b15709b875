import { MAX_DELAY_MS } from '../../protocol/delays.js';
import type { RequestId } from '../../protocol/json-rpc.js';
import { ClientRequestAdapter, type PendingRequest } from '../client-request.adapter.js';
import { ClientRequestTimeoutError } from '../client-request-timeout.error.js';

/**
 * How long questions wait.
 *
 * @publicApi
 */
export interface InMemoryClientRequestAdapterOptions {
  /** Milliseconds a question waits when the caller does not say. @default 30000 */
  readonly defaultTimeoutMs?: number;
}

interface Waiting {
  resolve(response: unknown): void;
  /** With anything: it is what `rejectPending` was given. */
  reject(reason: Error): void;
}

/**
 * Keeps questions in this process: for one instance, and for tests.
 *
 * @publicApi
 */
export class InMemoryClientRequestAdapter extends ClientRequestAdapter {
  override readonly isShared = false;
  override readonly defaultTimeoutMs: number;
  readonly #waiting = new Map<string, Waiting>();

  constructor({ defaultTimeoutMs = 30_000 }: InMemoryClientRequestAdapterOptions = {}) {
    super();
    if (!(defaultTimeoutMs > 0)) {
      throw new RangeError(
        `InMemoryClientRequestAdapter: defaultTimeoutMs must be positive, not ${defaultTimeoutMs}`,
      );
    }
    this.defaultTimeoutMs = defaultTimeoutMs;
  }

  override createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    { timeoutMs = this.defaultTimeoutMs }: { readonly timeoutMs?: number } = {},
  ): PendingRequest {
    const key = keyOf(sessionId, requestId);
    this.#waiting.get(key)?.reject(new Error('Another request of the same id took its place'));
    const promise = new Promise<unknown>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(key);
        act();
      };
      const timer = setTimeout(
        () => settle(() => reject(new ClientRequestTimeoutError(`No answer within ${timeoutMs} ms`))),
        Math.min(timeoutMs, MAX_DELAY_MS),
      );
      this.#waiting.set(key, {
        resolve: (response) => settle(() => resolve(response)),
        reject: (reason) => settle(() => reject(reason)),
      });
    });
    return { promise };
  }

  override async resolvePending(
    sessionId: string | undefined,
    requestId: RequestId,
    response: unknown,
  ): Promise<boolean> {
    const waiting = this.#waiting.get(keyOf(sessionId, requestId));
    waiting?.resolve(response);
    return waiting !== undefined;
  }

  override async rejectPending(
    sessionId: string | undefined,
    requestId: RequestId,
    reason: unknown,
  ): Promise<boolean> {
    const waiting = this.#waiting.get(keyOf(sessionId, requestId));
    waiting?.reject(reason as Error);
    return waiting !== undefined;
  }

  /** Rejects every question that still waits. */
  override async close(): Promise<void> {
    for (const waiting of [...this.#waiting.values()])
      waiting.reject(new Error('The server is shutting down'));
  }
}

/** Ids `1` and `"1"` are different requests, and no session is not the session named "undefined". */
function keyOf(sessionId: string | undefined, requestId: RequestId): string {
  return JSON.stringify([sessionId ?? null, requestId]);
}
