import type { RequestId } from '../protocol/json-rpc.js';
import type { ProtocolVersion } from '../protocol/protocol-version.js';
import type { Meta } from '../protocol/request-meta.js';
import type { ClientCapabilities } from '../protocol/types/capabilities.js';
import type { ElicitResult } from '../protocol/types/elicitation.js';
import type { McpImplementation } from '../protocol/types/implementation.js';
import type { McpLogLevel } from '../protocol/types/logging.js';
import type { McpRoot } from '../protocol/types/roots.js';
import type { CreateMessageParams, CreateMessageResult } from '../protocol/types/sampling.js';
import type { SchemaSource } from '../schema/schema-source.js';
import type { McpHandles } from './mcp-handles.js';
import type { McpSession } from './mcp-session.js';
import type { McpTask } from './mcp-task.js';
import type { Principal } from './principal.js';

/**
 * The client as it describes itself. Nothing here is verified.
 *
 * @publicApi
 */
export interface McpClientDescription {
  /** `undefined` where the client did not say: always on stateless legacy requests. */
  readonly info: McpImplementation | undefined;
  readonly capabilities: ClientCapabilities;
  /** Checks whether the client declared the capability, or the sub-capability (`elicitation.url`). */
  supports(capability: string): boolean;
}

/** Sends a log message to the client, if it asked for that level. Resolves when it is written. */
type LogMethod = (data: unknown, logger?: string) => Promise<void>;

/**
 * Log messages to the *client*, one method per severity. For the server's own log use Nest's `Logger`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/logging
 * @publicApi
 */
export type McpLog = Readonly<Record<McpLogLevel, LogMethod>>;

/** Options of every question to the client. */
export interface AskOptions {
  /**
   * Milliseconds to wait for the answer, after which the question fails with `ClientRequestTimeoutError`. Does not apply
   * to 2026-07-28 clients where there is no `ClientRequestAdapter`: there no handler waits, it runs again with the answer.
   * @default that of the `ClientRequestAdapter`
   */
  readonly timeoutMs?: number;
  /**
   * How often a question without an answer is asked anew, each time for `timeoutMs`, before it fails. Clients with
   * sessions get the question withdrawn (`notifications/cancelled`) and sent again under a new id; an answer to the one
   * withdrawn is not taken. 2026-07-28 clients come for what they are to answer: until the last attempt is over, each
   * time they come without the answer they are given the question again.
   * @default 0
   */
  readonly retries?: number;
  /** Name of the question within this call, as 2026-07-28 clients see it; default: made from its kind and order. */
  readonly key?: string;
}

/**
 * A question to the user behind the client: a form (`schema`) or a page to visit (`url`).
 *
 * @publicApi
 */
export type ElicitOptions = AskOptions & {
  readonly message: string;
} & ({ readonly schema: SchemaSource } | { readonly url: string });

/**
 * Rules of one block of `ctx.once()`.
 *
 * @publicApi
 */
export interface OnceOptions {
  /**
   * Set to run the block again if it was begun and its outcome is unknown: for idempotent work, which does no harm when it is
   * done twice. Applies to tasks that are `restartable`.
   * @default false
   */
  readonly retry?: boolean;
}

/** The content type that a schema source describes. */
export type ContentOf<S> = S extends {
  readonly '~standard': { readonly types?: { readonly output: infer O } | undefined };
}
  ? O
  : S extends new (...args: never[]) => infer I
    ? I
    : Record<string, unknown>;

/**
 * Facts of the call that a handler serves, and its way to talk to the client meanwhile.
 *
 * The same in both eras and on every transport. Valid until the handler settles.
 *
 * @publicApi
 */
export abstract class McpContext<Args = unknown> {
  /** The validated arguments, as the handler receives them. */
  abstract readonly args: Args;

  /** The JSON-RPC request being served. */
  abstract readonly request: { readonly id: RequestId; readonly method: string; readonly _meta: Meta };

  /** The platform's request and response (Express or Fastify); `undefined` on other transports. */
  abstract readonly http: { readonly request: unknown; readonly response: unknown } | undefined;

  /** The authenticated caller; `undefined` when nothing authenticated it. */
  abstract readonly principal: Principal | undefined;

  abstract readonly client: McpClientDescription;

  abstract readonly protocolVersion: ProtocolVersion;

  /**
   * Aborted when the client cancels, the tool's `timeoutMs` is over or the server shuts down; in a task also when this
   * instance may not run it any more, before another one does.
   */
  abstract readonly signal: AbortSignal;

  abstract readonly log: McpLog;

  /**
   * The session of a legacy client.
   *
   * @throws McpSessionUnavailableError on modern requests and where the server keeps no sessions.
   */
  abstract readonly session: McpSession;

  /**
   * Values that outlive this request, named by ids that the client passes on: of one kind, for this caller. Kept in the
   * `store` of the module, or in this process where there is one instance.
   *
   * @param kind what the ids begin with, such as `cart`; 1 to 32 letters, digits and hyphens
   * @throws McpAdapterMissingError when instances share adapters, but no store.
   */
  abstract handles<T = unknown>(kind: string): McpHandles<T>;

  /**
   * The task that this call is now; `undefined` as long as it is an ordinary call. See the option `task` of `@McpTool()`.
   *
   * @see https://modelcontextprotocol.io/seps/2663-tasks-extension
   */
  abstract readonly task: McpTask | undefined;

  /**
   * Reports progress; does nothing when the client gave no `progressToken`. `progress` must rise from call to call:
   * a value that does not is dropped. Resolves when the message is written. In a task it becomes the status message: the
   * text if there is one, else the numbers.
   *
   * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/progress
   */
  abstract progress(progress: number, total?: number, message?: string): Promise<void>;

  /**
   * Asks the user and waits for the answer.
   *
   * @throws McpAdapterMissingError when the server is not configured to ask.
   * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
   */
  abstract elicit<S extends SchemaSource>(
    options: AskOptions & { readonly message: string; readonly schema: S },
  ): Promise<ElicitResult<ContentOf<S>>>;
  abstract elicit(
    options: AskOptions & { readonly message: string; readonly url: string },
  ): Promise<ElicitResult>;

  /**
   * Asks the client's model and waits for what it says.
   *
   * @throws McpAdapterMissingError when the server is not configured to ask.
   * @throws McpConfigurationError when a message leaves the use of a tool without its result, or mixes results with more.
   * @see https://modelcontextprotocol.io/specification/2026-07-28/client/sampling
   */
  abstract sample(options: CreateMessageParams & AskOptions): Promise<CreateMessageResult>;

  /**
   * Asks the client which places it lets the server work in.
   *
   * @throws McpAdapterMissingError when the server is not configured to ask.
   * @see https://modelcontextprotocol.io/specification/2026-07-28/client/roots
   */
  abstract listRoots(options?: AskOptions): Promise<readonly McpRoot[]>;

  /**
   * Ends the connection of a long call and lets the client come back for the rest after `retryMs` (default 1000), so
   * that nothing has to stay open meanwhile. For sessions of 2025-11-25; does nothing elsewhere.
   *
   * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
   */
  abstract closeStream(options?: { readonly retryMs?: number }): Promise<void>;

  /**
   * Runs `work` and remembers what it returned or threw, as JSON, under `key`: once in this call, also where the handler
   * runs again from the top to go on after a question, which it does for 2026-07-28 clients if there is no
   * `ClientRequestAdapter`. For side effects that come before a question; asking inside of it is an error.
   *
   * In a task that is `restartable` it is written down that a block begins, before it does, and what came of it, before
   * the handler gets that. A task that is run again elsewhere finds the results; a block that was begun and has none, as
   * its instance ended in the middle, fails the task, unless it says `retry`.
   */
  abstract once<T>(key: string, work: () => T | Promise<T>, options?: OnceOptions): Promise<T>;

  /**
   * The answers a modern client sent along, by key; for handlers that return `inputRequired()`. Not validated.
   *
   * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
   */
  abstract readonly inputResponses: Readonly<Record<string, unknown>> | undefined;

  /** State that the last round gave to `inputRequired()`. Has come back unchanged, for this call and caller. */
  abstract readonly requestState: string | undefined;
}
