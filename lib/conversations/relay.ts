import type { JsonRpcNotification, JsonRpcRequest, RequestId } from '../protocol/json-rpc.js';
import type { McpLogLevel } from '../protocol/types/logging.js';
import type { CallListener, Outcome } from '../calls/call.js';

/** Address of a parked call, and the ordinal number of the request it waits for. */
export interface Place {
  readonly id: string;
  readonly round: number;
  /** Inbox of the instance that runs the call; absent where it is found by pending requests. */
  readonly at?: string;
}

/** Retry of a parked call, on its way from the instance that received it to the one that runs the call. Plain JSON. */
export interface Retry {
  readonly channel: string;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly progressToken: RequestId | null;
  readonly logLevel: McpLogLevel | null;
  /** Inbox of the instance that received it, where it came through one. */
  readonly from?: string;
}

/** Message from the instance that runs a call to the one that received the retry. */
export interface Delivery {
  readonly message?: JsonRpcNotification | JsonRpcRequest;
  readonly outcome?: Outcome;
  /** The call is not there any more. */
  readonly isGone?: true;
}

/** Wait of a parked call for its next request. */
export interface ParkedWait {
  /** Resolves with the `Retry`; rejects when its time is over. */
  readonly promise: Promise<unknown>;
  /** Resolves when the next request would find the call. */
  readonly ready: Promise<void>;
  /** Frees it. What cannot be freed now is when its time is over. */
  end(reason: Error): Promise<void> | void;
}

/** Serving side of a retry whose call may run at another instance. */
export interface RemoteCall {
  /** Hands the retry over. @returns `false` if the call is gone */
  begin(): Promise<boolean>;
  /** Passes messages on until the outcome comes. Rejects when the call is gone, or nothing is heard of the other instance any more. */
  outcome(listener: CallListener): Promise<Outcome>;
  /** Lets the other instance know that the client has gone. */
  cancel(): void;
  end(): void;
}

/** Running side of a retry that another instance serves. */
export interface RemoteListener extends CallListener {
  /** Resolves when the other instance has the outcome, or is lost. */
  settle(outcome: Outcome): Promise<void>;
  /** Tells the other instance that the call is gone. */
  refuse(): void;
}

/** Way between the instance that runs a parked call and those where its client comes back. */
export interface Relay {
  /** Part of the places of calls that are parked here. */
  readonly address: string | undefined;
  park(place: Place, timeoutMs: number): ParkedWait;
  call(place: Place, retry: Retry): RemoteCall;
  /** Listener for a retry that came from elsewhere. Calls `onLost` when its client or its instance has gone. */
  listener(conversationId: string, retry: Retry, onLost: () => void): RemoteListener;
}

/** Silence after which one instance takes the other for dead: longer than the restart of a store. */
export const LOST_AFTER_MS = 8_000;
