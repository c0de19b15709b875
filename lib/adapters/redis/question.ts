import type { RequestId } from '../../protocol/json-rpc.js';
import { ClientRequestTimeoutError } from '../client-request-timeout.error.js';
import { Deferred } from './deferred.js';

/** The longest delay of a timer; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** How a question ends: the answer, or why there is none. */
export type Ending = { readonly answer: unknown } | { readonly reason: unknown };

/** A question that waits in this process. */
export class Question {
  readonly #outcome = new Deferred<unknown>();
  readonly #until: number;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  /** Whether somebody in this process is about to end it. */
  isClaimed = false;

  constructor(
    readonly sessionId: string | undefined,
    readonly requestId: RequestId,
    readonly token: string,
    timeoutMs: number,
    private readonly onTimeout: (question: Question) => void,
  ) {
    this.#until = Date.now() + timeoutMs;
    this.#arm();
  }

  get promise(): Promise<unknown> {
    return this.#outcome.promise;
  }

  get remainingMs(): number {
    return Math.max(this.#until - Date.now(), 1);
  }

  /** Settles the promise. The first ending counts. */
  end(ending: Ending): void {
    clearTimeout(this.#timer);
    this.#isOver = true;
    if ('answer' in ending) this.#outcome.resolve(ending.answer);
    else this.#outcome.reject(ending.reason as Error);
  }

  endLate(): void {
    this.end({ reason: new ClientRequestTimeoutError('The client did not answer in time') });
  }

  #arm(): void {
    if (this.#isOver) return;
    const remaining = this.#until - Date.now();
    this.#timer = setTimeout(
      () => (remaining > MAX_DELAY_MS ? this.#arm() : this.onTimeout(this)),
      Math.min(Math.max(remaining, 0), MAX_DELAY_MS),
    );
  }
}
