import { IntrinsicException } from '@nestjs/common';

/** Cancellation of one request. The `AbortSignal` is made on first access only. */
export class Cancellation {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

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

  /** The first reason counts. */
  cancel(message: string): void {
    if (this.#reason) return;
    // Nest's exception handler does not log it when a handler rejects with it, as handlers do.
    this.#reason = new IntrinsicException(message);
    this.#reason.name = 'AbortError';
    this.#controller?.abort(this.#reason);
  }
}
