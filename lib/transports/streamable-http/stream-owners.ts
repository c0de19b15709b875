import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../../adapters/adapter-unavailable.error.js';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import type { EventId } from '../../adapters/stream-event.js';
import { errorResponse, isResponse, type JsonRpcMessage, type RequestId } from '../../protocol/json-rpc.js';
import { McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import { SessionState, type StreamOwner } from '../../calls/session-state.js';
import { END, isLast, lastRecord, messageOf, messageRecord } from './stream-record.js';

/** How long an instance is believed to live after its last sign of life. */
const LEASE_MS = 5_000;

/** Between two looks whether another instance lives: how much later its clients hear of its death. */
const LOOK_MS = LEASE_MS / 10;

/**
 * Which instance runs the requests that a stream waits for. When that instance dies, another one that the client comes to
 * ends the stream with an error, so that nobody waits for ever. Only kept where instances share their sessions and have
 * leases.
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
    if (!this.adapter.hasInstanceLeases) return;
    const sign = () => this.adapter.keepInstanceAlive(this.instance, LEASE_MS);
    await sign();
    this.#timer = setInterval(() => void sign().catch(this.onError), LEASE_MS / 3).unref();
  }

  /** Says that this instance is gone: nobody need wait until its last sign of life has expired. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#timer) await this.adapter.keepInstanceAlive(this.instance, 1).catch(this.onError);
  }

  async claim(sessionId: string, streamId: string, ids: readonly RequestId[]): Promise<void> {
    if (!this.adapter.hasInstanceLeases) return;
    await new SessionState(sessionId, this.adapter).setStreamOwner(streamId, {
      instance: this.instance,
      ids,
    });
  }

  async release(sessionId: string, streamId: string): Promise<void> {
    if (!this.adapter.hasInstanceLeases) return;
    await new SessionState(sessionId, this.adapter).setStreamOwner(streamId, undefined);
  }

  /**
   * Ends a stream as soon as the instance that runs its requests is dead; until then, or `signal`, only watches. `after` is
   * an event after which the stream went on. Tells `onOwner` what another instance runs.
   */
  async watch(
    sessionId: string,
    streamId: string,
    after: EventId,
    signal: AbortSignal,
    onOwner: (ids: readonly RequestId[]) => void,
  ): Promise<void> {
    if (!this.adapter.hasInstanceLeases) return;
    const state = new SessionState(sessionId, this.adapter);
    let owner: StreamOwner | undefined;
    while (!signal.aborted) {
      try {
        if (!owner) {
          owner = await state.streamOwner(streamId);
          if (!owner || owner.instance === this.instance) return;
          onOwner(owner.ids);
        }
        if (!(await this.adapter.isInstanceAlive(owner.instance)))
          return await this.#finish(state, streamId, after);
      } catch (error) {
        // A store that is away says nothing of the other instance.
        if (!(error instanceof AdapterUnavailableError)) throw error;
      }
      await delay(LOOK_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Does nothing if the instance has finished the stream with its last breath. */
  async #finish(state: SessionState, streamId: string, after: EventId): Promise<void> {
    const owner = await state.streamOwner(streamId);
    if (!owner) return;
    const { hasEnded, answered } = await this.#saidAfter(state.id, after);
    if (!hasEnded) {
      const lost = new McpError(
        McpErrorCode.InternalError,
        'The instance that served the request is gone',
      ).toJSON();
      const texts = owner.ids.filter((id) => !answered.has(id)).map((id) => errorResponse(id, lost));
      const last = texts.pop();
      const records = [...texts.map(messageRecord), last === undefined ? END : lastRecord(last)];
      for (const record of records) await this.adapter.appendEvent(state.id, streamId, record);
    }
    await this.release(state.id, streamId);
  }

  /** Whether the stream has come to its end, and which requests have been answered meanwhile. */
  async #saidAfter(sessionId: string, after: EventId) {
    let hasEnded = false;
    const answered = new Set<RequestId>();
    await this.adapter.replay(sessionId, after, (_id, record) => {
      hasEnded ||= isLast(record);
      const text = messageOf(record);
      const message = text === undefined ? undefined : (JSON.parse(text) as JsonRpcMessage);
      if (message && isResponse(message)) answered.add(message.id);
    });
    return { hasEnded, answered };
  }
}
