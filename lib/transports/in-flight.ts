import { Bag } from '../collections/bag.js';
import { McpError, McpErrorCode } from '../protocol/mcp.error.js';

/** Work that a shutdown waits for. */
export interface Work {
  /** Gives up the requests that are not answered yet, and answers them with the error. */
  abandon(error: McpError, status: number): void;
  /** Called in every keep-alive period. */
  keepAlive?(): void;
}

/** Work that is not done: kept alive while it is quiet, waited for by a shutdown, given up in the end. */
export class InFlight {
  readonly #replies = new Bag<Work>();
  #onEmpty: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly keepAliveMs: number) {}

  get size(): number {
    return this.#replies.size;
  }

  /** Returns what to call when the reply is complete. */
  add(reply: Work): () => void {
    const leave = this.#replies.add(reply);
    this.#watch();
    return () => {
      leave();
      if (this.#replies.size === 0) this.#onEmpty?.();
    };
  }

  /** One timer for all; it goes when it finds nothing, as most of what is served is over before it looks. */
  #keepAlive(): void {
    if (this.#replies.size === 0) this.#rest();
    for (const reply of this.#replies) reply.keepAlive?.();
  }

  /** Waits up to `graceMs`, then cancels whatever still runs. */
  async drain(graceMs: number): Promise<void> {
    if (this.#replies.size === 0) return this.#rest();
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      timer = setTimeout(resolve, graceMs);
    });
    clearTimeout(timer);
    this.#rest();
    const error = new McpError(McpErrorCode.InternalError, 'The server is shutting down');
    for (const reply of this.#replies) reply.abandon(error, 503);
  }

  /** Not where a reply is added: the timer would keep what is known there. */
  #watch(): void {
    this.#timer ??= setInterval(() => this.#keepAlive(), this.keepAliveMs).unref();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
