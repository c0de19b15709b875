import type { Era } from '../protocol/era.js';
import type { JsonRpcNotification, JsonRpcRequest } from '../protocol/json-rpc.js';
import type { ProtocolVersion } from '../protocol/protocol-version.js';
import type { ClientCapabilities } from '../protocol/types/capabilities.js';
import type { Implementation } from '../protocol/types/implementation.js';
import type { LogLevel } from '../protocol/types/logging.js';
import type { Principal } from '../registry/principal.js';
import type { Asking } from './asking.js';
import type { Cancellation } from './cancellation.js';
import type { SessionState } from './session-state.js';

/** Takes messages that belong to a request and come before its answer. */
export interface Outbound {
  /** Resolves when the message is on its way; with `false` if the client cannot receive it. */
  send(message: JsonRpcNotification | JsonRpcRequest): Promise<boolean>;

  /** Ends the connection but not the request, where the client can come back for the rest. Else does nothing. */
  closeStream(retryMs: number): Promise<void>;
}

/** One request being served: all that the engine knows of it. */
export interface RequestContext {
  readonly era: Era;
  readonly version: ProtocolVersion;
  readonly request: JsonRpcRequest;
  readonly clientInfo: Implementation | undefined;
  readonly clientCapabilities: ClientCapabilities;
  /** The least severe log level the client wants; `undefined` for none at all. */
  logLevel(): LogLevel | undefined | Promise<LogLevel | undefined>;
  readonly principal: Principal | undefined;
  readonly http: { readonly request: unknown; readonly response: unknown } | undefined;
  readonly cancellation: Cancellation;
  readonly outbound: Outbound;
  readonly session: SessionState | undefined;
  /** Absent where the server is not configured to ask. */
  readonly asking: Asking | undefined;
}
