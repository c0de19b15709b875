import type { JsonRpcNotification, JsonRpcRequest, RequestId } from '../protocol/json-rpc.js';
import type { McpLogLevel } from '../protocol/types/logging.js';
import type { CallListener, Outcome } from '../calls/call.js';

/** Address of a parked call, and the ordinal number of the request it waits for. */
export interface Place {
  readonly id: string;
  readonly round: number;
  /** Address of the relay that leads to the call; absent where it is found by pending requests. */
  readonly at?: string;
}

/** Retry of a parked call, on its way from the instance that received it to the one that runs the call. Plain JSON. */
export interface Retry {
  /** Idempotency key: identifies the request of the client, however often it is sent on. */
  readonly channel: string;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly progressToken: RequestId | null;
  readonly logLevel: McpLogLevel | null;
}

/** Message from the instance that runs a call to the one that received the retry. */
export interface Delivery {
  readonly message?: JsonRpcNotification | JsonRpcRequest;
  readonly outcome?: Outcome;
  /** The call is not there any more. */
  readonly isGone?: true;
}

/**
 * End of a request that heard of a call.
 *
 * - `answered`: it has the outcome
 * - `left`: its client closed the connection
 * - `lost`: its instance is gone, or gave it up while its client may come again
 */
export type RetryEnding = 'answered' | 'left' | 'lost';

/** Wait of a parked call for its next request. */
export interface ParkedWait {
  /** Resolves with the `Retry` where the relay does not hand it over by itself; rejects when its time is over. */
  readonly promise: Promise<unknown>;
  /** Resolves when the next request would find the call. */
  readonly ready: Promise<void>;
  /** Frees it. What cannot be freed now is when its time is over. */
  end(reason: string): Promise<void> | void;
}

/** Serving side of a retry whose call may run at another instance. */
export interface RemoteCall {
  /**
   * Hands the retry over. @returns `false` if the call is gone
   * @throws AdapterUnavailableError when the store is away: the retry may have arrived
   */
  begin(): Promise<boolean>;
  /** Passes messages on until the outcome comes. Rejects when the call is gone, or the other instance is. */
  outcome(listener: CallListener): Promise<Outcome>;
  /** Ends it; without effect from the second time on. */
  end(ending: RetryEnding): void;
}

/** Request that hears of a call up to its outcome. */
export interface RetryListener extends CallListener {
  /** Resolves when the outcome is on its way. */
  settle(outcome: Outcome): Promise<void> | void;
}

/** Running side of a retry that another instance serves. */
export interface RemoteListener extends RetryListener {
  /** Notifies the other instance that the call is gone. */
  refuse(): void;
}

/** Hears once how the request of a `RemoteListener` has ended. */
export type OnRetryEnded = (ending: RetryEnding) => void;

/** Takes a retry that another instance serves. `onEnded` of what it gives back is called once. @returns `undefined` if the call is gone */
export type TakeRetry = (
  place: Place,
  listener: RemoteListener,
  answers: Retry['answers'],
) => OnRetryEnded | undefined;

/** Way between the instance that runs a parked call and those where its client comes back. */
export interface Relay {
  park(place: Place, timeoutMs: number): ParkedWait;
  call(place: Place, retry: Retry): RemoteCall;
}
