import type { Store } from '../adapters/store.js';

/**
 * A request of a client, as far as telemetry may tell of it.
 *
 * @publicApi
 */
export interface ObservedRequest {
  readonly method: string;
  readonly id: string | number;
  readonly params: Readonly<Record<string, unknown>> | undefined;
  readonly protocolVersion: string;
  readonly sessionId: string | undefined;
  /** `pipe` for stdio. */
  readonly transport: 'tcp' | 'pipe';
  /** The HTTP request of the platform; `undefined` for stdio. */
  readonly http: unknown;
}

/**
 * How a request was answered.
 *
 * @publicApi
 */
export interface ObservedAnswer {
  /** The JSON-RPC response. */
  readonly text: string;
  readonly isError: boolean;
}

/**
 * A request of the server to a client.
 *
 * @publicApi
 */
export interface ObservedQuestion {
  readonly method: string;
  readonly sessionId: string | undefined;
}

/**
 * Members of `_meta` that carry the context of a trace.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#meta
 * @publicApi
 */
export type TraceCarrier = Readonly<Record<string, string>>;

/**
 * Gauges of an instance: number of open items by kind.
 *
 * @publicApi
 */
export type ObservedLoad = Readonly<Record<string, number>>;

/**
 * Follows what a server does, for traces and metrics. `openTelemetry()` of `nestjs-mcp-adapters/otel` is one. Its methods
 * must not throw or reject for reasons of their own, and return what they were given to run.
 *
 * @publicApi
 */
export abstract class McpInstrumentation {
  /** Wraps the answering of a request. Calls `answer` once, before it returns. */
  abstract answer<A extends ObservedAnswer>(request: ObservedRequest, answer: () => Promise<A>): Promise<A>;

  /** Wraps a question to a client. Calls `ask` once, before it returns, with what goes into the `_meta` of the question. */
  abstract ask(
    question: ObservedQuestion,
    ask: (carrier: TraceCarrier) => Promise<unknown>,
  ): Promise<unknown>;

  /** The context that is active now, for a later request of the same conversation; `undefined` if there is none. */
  abstract carrier(): TraceCarrier | undefined;

  /** Links what is active now to the context of an earlier request. */
  abstract link(carrier: TraceCarrier): void;

  /** Follows the operations of a store. */
  abstract store(store: Store): Store;

  /** Takes where the load of an instance can be read, whenever metrics are collected. Returns what ends it. */
  abstract load(server: string, read: () => ObservedLoad): () => void;
}

/** Parameters of a message with the context of a trace in their `_meta`. */
export function withTrace(
  params: Readonly<Record<string, unknown>>,
  carrier: TraceCarrier | undefined,
): Readonly<Record<string, unknown>> {
  if (!carrier || Object.keys(carrier).length === 0) return params;
  const { _meta: meta } = params;
  return { ...params, _meta: { ...(typeof meta === 'object' ? meta : {}), ...carrier } };
}
