import { MAX_DELAY_MS } from '../../protocol/delays.js';
import { randomBytes } from 'node:crypto';
import type { RequestId } from '../../protocol/json-rpc.js';
import { ClientRequestTimeoutError } from '../client-request-timeout.error.js';
import type { Ending } from './stored-ending.js';

/** A question that waits in this process. */
export class WaitingQuestion {
  readonly token = randomBytes(9).toString('base64url');
  readonly promise: Promise<unknown>;
  /** True while its marker is in the store. */
  hasMarker = false;
  /** Version of the record that says where it was asked, while there is one. */
  pointerVersion: string | undefined;
  /** Set once an ending of this process is about to settle it. */
  isClaimed = false;
  #isOver = false;
  #resolve!: (answer: unknown) => void;
  #reject!: (reason: Error) => void;
  readonly #until: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly sessionId: string | undefined,
    readonly requestId: RequestId,
    timeoutMs: number,
    private readonly onTimeout: (question: WaitingQuestion) => void,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise.catch(() => {});
    this.#until = performance.now() + timeoutMs;
    this.#arm();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get remainingMs(): number {
    return Math.max(Math.ceil(this.#until - performance.now()), 1);
  }

  /** Settles the promise. The first ending counts. */
  end(ending: Ending): void {
    clearTimeout(this.#timer);
    this.#isOver = true;
    if ('answer' in ending) this.#resolve(ending.answer);
    else this.#reject(ending.reason as Error);
  }

  endLate(): void {
    this.end({ reason: new ClientRequestTimeoutError('The client did not answer in time') });
  }

  #arm(): void {
    if (this.#isOver) return;
    const remaining = this.#until - performance.now();
    this.#timer = setTimeout(
      () => (remaining > MAX_DELAY_MS ? this.#arm() : this.onTimeout(this)),
      Math.min(Math.max(remaining, 0), MAX_DELAY_MS),
    );
  }
}
