import type { CallListener, Outcome } from '../calls/call.js';
import type { McpLogLevel } from '../protocol/types/logging.js';
import type { RequestId } from '../protocol/json-rpc.js';
import type { RetryListener } from './relay.js';

/**
 * Requests with the same state of a call: one, or several where a client got no answer and came again. The latest hears what
 * the handler says, all of them the outcome.
 */
export class Round implements CallListener {
  readonly #listeners = new Set<RetryListener>();
  #outcome: Outcome | undefined;
  #isHeard = false;

  constructor(readonly number: number) {}

  /** True if no request waits for the outcome, or has still to acknowledge it. */
  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  get isOver(): boolean {
    return this.#outcome !== undefined;
  }

  /** True once the outcome has been given to a request. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  progressToken(): RequestId | undefined {
    return this.#latest?.progressToken();
  }

  logLevel(): McpLogLevel | undefined | Promise<McpLogLevel | undefined> {
    return this.#latest?.logLevel();
  }

  get outbound(): CallListener['outbound'] {
    return this.#latest?.outbound;
  }

  add(listener: RetryListener): void {
    this.#listeners.add(listener);
    if (this.#outcome) this.settle(this.#outcome, [listener]);
  }

  /** @returns true if it was there */
  remove(listener: RetryListener): boolean {
    return this.#listeners.delete(listener);
  }

  settle(outcome: Outcome, listeners: readonly RetryListener[] = [...this.#listeners]): void {
    this.#outcome = outcome;
    this.#isHeard ||= listeners.length > 0;
    for (const listener of listeners) void listener.settle(outcome);
  }

  get #latest(): RetryListener | undefined {
    return [...this.#listeners].at(-1);
  }
}
