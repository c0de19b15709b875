import { IntrinsicException } from '@nestjs/common';

/** Cancellation of one request. The `AbortSignal`, which costs as much as a small call, is made on first access only. */
export class Cancellation {
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #listeners: Set<(reason: Error) => void> | undefined;

  get isCancelled(): boolean {
    return this.#reason !== undefined;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  throwIfCancelled(): void {
    if (this.#reason) throw this.#reason;
  }

  /** Calls a listener when the request is cancelled, at once if it is already. @returns a function that takes it off again */
  onCancel(listener: (reason: Error) => void): () => void {
    const listeners = (this.#listeners ??= new Set());
    if (this.#reason) listener(this.#reason);
    else listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** The first reason counts. */
  cancel(message: string): void {
    if (this.#reason) return;
    // Nest's exception handler does not log it when a handler rejects with it, as handlers do.
    this.#reason = new IntrinsicException(message);
    this.#reason.name = 'AbortError';
    this.#controller?.abort(this.#reason);
    for (const listener of this.#listeners ?? []) listener(this.#reason);
    this.#listeners = undefined;
  }
}
