import type { RequestId } from '../protocol/json-rpc.js';
import { ClientRequestAdapter, type PendingRequest } from './client-request.adapter.js';

type MaybePromise<T> = T | Promise<T>;

/**
 * An adapter written elsewhere: the three methods of `ClientRequestAdapter` and no more, synchronous if it likes. The
 * module takes it as it is.
 *
 * @publicApi
 */
export interface PlainClientRequestAdapter {
  /** True if other processes may use the same store. @default true */
  readonly isShared?: boolean;
  createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    options: { readonly timeoutMs: number; readonly timeout_ms: number },
  ): PendingRequest;
  resolvePending(
    sessionId: string | undefined,
    requestId: RequestId,
    response: unknown,
  ): MaybePromise<boolean>;
  rejectPending(sessionId: string | undefined, requestId: RequestId, reason: unknown): MaybePromise<boolean>;
}

/** Gives a plain adapter the optional capabilities, by their defaults. Others are returned as they are. */
export function asClientRequestAdapter(
  given: ClientRequestAdapter | PlainClientRequestAdapter,
): ClientRequestAdapter {
  return given instanceof ClientRequestAdapter ? given : new CompletedClientRequestAdapter(given);
}

class CompletedClientRequestAdapter extends ClientRequestAdapter {
  override readonly isShared: boolean;

  constructor(private readonly plain: PlainClientRequestAdapter) {
    super();
    this.isShared = plain.isShared ?? true;
  }

  override createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    { timeoutMs }: { readonly timeoutMs: number },
  ): PendingRequest {
    // Both spellings: adapters that predate this library read the second.
    return this.plain.createPending(sessionId, requestId, { timeoutMs, timeout_ms: timeoutMs });
  }

  override async resolvePending(
    sessionId: string | undefined,
    requestId: RequestId,
    response: unknown,
  ): Promise<boolean> {
    return this.plain.resolvePending(sessionId, requestId, response);
  }

  override async rejectPending(
    sessionId: string | undefined,
    requestId: RequestId,
    reason: unknown,
  ): Promise<boolean> {
    return this.plain.rejectPending(sessionId, requestId, reason);
  }

  override async close(): Promise<void> {
    await (this.plain as { close?(): unknown }).close?.();
  }
}
