import { setTimeout as delay } from 'node:timers/promises';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import { errorResponse, type RequestId } from '../../protocol/json-rpc.js';
import { McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import { SessionState } from '../../server/session-state.js';
import { END, messageRecord } from './stream-record.js';

/** How long an instance is believed to live after its last sign of life. */
const LEASE_MS = 5_000;

/**
 * Which instance runs the requests that a stream waits for. When that instance dies, another one that the client comes to
 * ends the stream with an error, so that nobody waits for ever. Only kept where instances share their sessions.
 */
export class StreamOwners {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly adapter: SessionAdapter,
    private readonly instance: string,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Begins to say that this instance lives. */
  async start(): Promise<void> {
    if (!this.adapter.isShared) return;
    const sign = () => this.adapter.keepInstanceAlive(this.instance, LEASE_MS);
    await sign();
    this.#timer = setInterval(() => void sign().catch(this.onError), LEASE_MS / 3).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async claim(sessionId: string, streamId: string, ids: readonly RequestId[]): Promise<void> {
    if (!this.adapter.isShared) return;
    await new SessionState(sessionId, this.adapter).setStreamOwner(streamId, {
      instance: this.instance,
      ids,
    });
  }

  async release(sessionId: string, streamId: string): Promise<void> {
    if (!this.adapter.isShared) return;
    await new SessionState(sessionId, this.adapter).setStreamOwner(streamId, undefined);
  }

  /** Ends a stream as soon as the instance that runs its requests is dead; until then, or `signal`, only watches. */
  async watch(sessionId: string, streamId: string, signal: AbortSignal): Promise<void> {
    if (!this.adapter.isShared) return;
    const state = new SessionState(sessionId, this.adapter);
    for (;;) {
      const owner = await state.streamOwner(streamId);
      if (!owner || owner.instance === this.instance || signal.aborted) return;
      if (!(await this.adapter.isInstanceAlive(owner.instance)))
        return this.#finish(sessionId, streamId, owner.ids);
      await delay(LEASE_MS / 2, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #finish(sessionId: string, streamId: string, ids: readonly RequestId[]): Promise<void> {
    await this.release(sessionId, streamId);
    const lost = new McpError(
      McpErrorCode.InternalError,
      'The instance that served the request is gone',
    ).toJSON();
    for (const id of ids)
      await this.adapter.appendEvent(sessionId, streamId, messageRecord(errorResponse(id, lost)));
    await this.adapter.appendEvent(sessionId, streamId, END);
  }
}
