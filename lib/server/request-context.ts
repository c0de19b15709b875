import type { Era } from '../protocol/era.js';
import type { JsonRpcNotification, JsonRpcRequest, RequestId } from '../protocol/json-rpc.js';
import type { ProtocolVersion } from '../protocol/protocol-version.js';
import type { ClientCapabilities } from '../protocol/types/capabilities.js';
import type { Implementation } from '../protocol/types/implementation.js';
import type { LogLevel } from '../protocol/types/logging.js';
import type { McpError } from '../protocol/mcp.error.js';
import type { ToolEntry } from '../registry/entries.js';
import type { McpHandles } from '../registry/mcp-handles.js';
import type { Principal } from '../registry/principal.js';
import type { Asking } from './asking.js';
import type { Cancellation } from './cancellation.js';
import type { OnceBlocks } from './once-blocks.js';
import type { SessionState } from './session-state.js';

/** Takes messages that belong to a request and come before its answer. */
export interface Outbound {
  /** Whether something has been sent, so that the status of the answer is decided. */
  readonly hasBegun?: boolean;

  /** Resolves when the message is on its way; with `false` if the client cannot receive it. */
  send(message: JsonRpcNotification | JsonRpcRequest): Promise<boolean>;

  /** Ends the connection but not the request, where the client can come back for the rest. Else does nothing. */
  closeStream(retryMs: number): Promise<void>;
}

/** The way to a client through one of its requests. */
export interface Line {
  /** What the client wants progress reported under; `undefined` for no reports. Throws `-32602` if it is malformed. */
  progressToken(): RequestId | undefined;
  /** The least severe log level the client wants; `undefined` for none at all. */
  logLevel(): LogLevel | undefined | Promise<LogLevel | undefined>;
  readonly outbound: Outbound;
}

/** What a handler's run keeps from one request of its conversation to the next. */
export interface Memory {
  readonly blocks: OnceBlocks;
  /** Counts a message of the handler; tells whether an earlier run has sent it. */
  isToldAgain(): boolean;
  readonly inputResponses: Readonly<Record<string, unknown>> | undefined;
  readonly requestState: string | undefined;
  /** Whether the result may depend on more than the request says: on what the client was asked. */
  readonly isConversation: boolean;
}

/** Runs a method that may ask its client for input, over as many requests as that takes. */
export interface Conversing {
  run(
    call: RequestContext,
    method: (call: RequestContext) => object | string | Promise<object | string>,
  ): Promise<string>;
}

/** Gives the handles of one kind, as the caller of a request has them. */
export interface HandleSource {
  of<T>(kind: string, call: Pick<RequestContext, 'principal' | 'http'>): McpHandles<T>;
}

/** One request being served: all that the engine knows of it. */
export interface RequestContext extends Line {
  readonly era: Era;
  readonly version: ProtocolVersion;
  readonly request: JsonRpcRequest;
  readonly clientInfo: Implementation | undefined;
  readonly clientCapabilities: ClientCapabilities;
  readonly principal: Principal | undefined;
  readonly http: { readonly request: unknown; readonly response: unknown } | undefined;
  readonly cancellation: Cancellation;
  readonly session: SessionState | undefined;
  readonly handles: HandleSource;
  /** Absent where the server is not configured to ask. */
  readonly asking: Asking | undefined;
  /** What the transport has against calling a tool, once it is known that the caller may know of it. */
  readonly refuseTool?: ((entry: ToolEntry) => McpError | undefined) | undefined;
  /** The request that stands for the call now, where that may be a later one. */
  readonly line?: () => Line;
  /** Absent where a handler runs once by nature. */
  readonly memory?: Memory;
  /** Absent where questions travel apart from results. */
  readonly conversing?: Conversing | undefined;
}
