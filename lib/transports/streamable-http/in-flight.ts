import { Roster } from '../../collections/roster.js';
import { McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import type { Reply } from './reply.js';

/** What a shutdown waits for, and gives up in the end. */
type Work = Pick<Reply, 'abandon'>;

/** The POSTs that are being served, so that a shutdown can wait for them, and give them up in the end. */
export class InFlight {
  readonly #replies = new Roster<Work>();
  #onEmpty: (() => void) | undefined;

  get size(): number {
    return this.#replies.size;
  }

  /** Returns what to call when the reply is complete. */
  add(reply: Work): () => void {
    const leave = this.#replies.add(reply);
    return () => {
      leave();
      if (this.#replies.size === 0) this.#onEmpty?.();
    };
  }

  /** Waits up to `graceMs`, then cancels whatever still runs. */
  async drain(graceMs: number): Promise<void> {
    if (this.#replies.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      timer = setTimeout(resolve, graceMs);
    });
    clearTimeout(timer);
    const error = new McpError(McpErrorCode.InternalError, 'The server is shutting down');
    for (const reply of this.#replies) reply.abandon(error, 503);
  }
}
