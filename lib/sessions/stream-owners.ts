import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapters/adapter-unavailable.error.js';
import type { SessionAdapter } from '../adapters/session.adapter.js';
import type { EventId } from '../adapters/stream-event.js';
import { SessionState, type StreamOwner } from '../calls/session-state.js';
import { errorResponse, isResponse, type JsonRpcMessage, type RequestId } from '../protocol/json-rpc.js';
import { McpError, McpErrorCode } from '../protocol/mcp.error.js';
import { END, isLast, lastRecord, messageRecord, messagesOf, type StreamLog } from './stream-log.js';

/** Lease of an instance. */
const LEASE_MS = 5_000;

/** Between two looks at the lease of another instance: how much later than its end clients hear of it. */
const POLL_MS = LEASE_MS / 10;

/**
 * Ownership of streams: the instance that runs the requests of a stream. When its lease is over, another one that the client
 * comes to ends the stream with an error. Only kept where instances share their sessions and have leases.
 */
export class StreamOwners {
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly adapter: SessionAdapter,
    private readonly instance: string,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Takes the lease of this instance, and renews it from then on. */
  async start(): Promise<void> {
    if (!this.adapter.hasInstanceLeases || this.#heartbeat) return;
    const renew = () => this.adapter.keepInstanceAlive(this.instance, LEASE_MS);
    await renew();
    this.#heartbeat = setInterval(() => void renew().catch(this.onError), LEASE_MS / 3).unref();
  }

  /** Releases the lease of this instance. */
  async stop(): Promise<void> {
    clearInterval(this.#heartbeat);
    if (this.#heartbeat) await this.adapter.keepInstanceAlive(this.instance, 1).catch(this.onError);
  }

  /** Makes this instance the owner of a stream, with the requests that have no answer yet. */
  async claim({ sessionId, streamId }: StreamLog, ids: readonly RequestId[]): Promise<void> {
    if (!this.adapter.hasInstanceLeases) return;
    const owner = { instance: this.instance, ids };
    await new SessionState(sessionId, this.adapter).setStreamOwner(streamId, owner);
  }

  async release({ sessionId, streamId }: StreamLog): Promise<void> {
    if (!this.adapter.hasInstanceLeases) return;
    await new SessionState(sessionId, this.adapter).setStreamOwner(streamId, undefined);
  }

  /**
   * Ends a stream when the lease of its owner is over; watches it until then, or `signal`. `after` is an event after which the
   * stream went on. `onOwner` gets the requests of another instance.
   */
  async watch(
    log: StreamLog,
    after: EventId,
    signal: AbortSignal,
    onOwner: (ids: readonly RequestId[]) => void,
  ): Promise<void> {
    if (!this.adapter.hasInstanceLeases) return;
    const state = new SessionState(log.sessionId, this.adapter);
    let owner: StreamOwner | undefined;
    while (!signal.aborted) {
      try {
        if (!owner) {
          owner = await state.streamOwner(log.streamId);
          if (!owner || owner.instance === this.instance) return;
          onOwner(owner.ids);
        }
        if (!(await this.adapter.isInstanceAlive(owner.instance))) return await this.#finish(log, after);
      } catch (error) {
        // A store that is away tells nothing of the other instance.
        if (!(error instanceof AdapterUnavailableError)) throw error;
      }
      await delay(POLL_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Does nothing if the owner has ended the stream with its last breath. */
  async #finish(log: StreamLog, after: EventId): Promise<void> {
    const owner = await new SessionState(log.sessionId, this.adapter).streamOwner(log.streamId);
    if (!owner) return;
    const { hasEnded, answered } = await readAfter(log, after);
    if (!hasEnded) {
      const lost = new McpError(
        McpErrorCode.InternalError,
        'The instance that served the request is gone',
      ).toJSON();
      const texts = owner.ids.filter((id) => !answered.has(id)).map((id) => errorResponse(id, lost));
      const last = texts.pop();
      const records = [
        ...texts.map((text) => messageRecord(text)),
        last === undefined ? END : lastRecord(last),
      ];
      for (const record of records) await log.append(record);
    }
    await this.release(log);
  }
}

/** Reads a stream after an event: whether it has ended, and which requests were answered there. */
async function readAfter({ adapter, sessionId }: StreamLog, after: EventId) {
  let hasEnded = false;
  const answered = new Set<RequestId>();
  await adapter.replay(sessionId, after, (_id, record) => {
    hasEnded ||= isLast(record);
    for (const text of messagesOf(record)) {
      const message = JSON.parse(text) as JsonRpcMessage;
      if (isResponse(message)) answered.add(message.id);
    }
  });
  return { hasEnded, answered };
}
