import type { ProtocolVersion } from '../../protocol/protocol-version.js';
import type { ElicitResult } from '../../protocol/types/elicitation.js';
import type { McpRoot } from '../../protocol/types/roots.js';
import type { CreateMessageParams, CreateMessageResult } from '../../protocol/types/sampling.js';
import type { Principal } from '../../registry/principal.js';

type MaybePromise<T> = T | Promise<T>;

/**
 * Question of a server to the user (elicitation).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 * @publicApi
 */
export interface ElicitQuestion {
  /** `url` for a page to visit, else a form. */
  readonly mode?: 'form' | 'url';
  readonly message: string;
  /** The fields of a form. */
  readonly requestedSchema?: Readonly<Record<string, unknown>>;
  /** The page to visit. */
  readonly url?: string;
}

/**
 * Options of `createMcpTestClient()`.
 *
 * The client declares a capability only if it is given the means to answer with, as with any client.
 *
 * @publicApi
 */
export interface McpTestClientOptions {
  /** The revision to speak. @default the newest: '2026-07-28' */
  readonly protocolVersion?: ProtocolVersion;

  /**
   * The caller: put into `request.user` of every request before guards run (claims, and `iss`, `client_id`, `sub`,
   * `scope`, `exp`). An application that checks tokens is given one with `headers` instead.
   * @default none: the caller is anonymous
   */
  readonly principal?: Principal;

  /** Sent with every request: `{ authorization: 'Bearer …' }`, `{ host: 'api.example.com' }`. @default none */
  readonly headers?: Readonly<Record<string, string>>;

  /** Name of the server, where the application has several. @default the only one */
  readonly server?: string;

  /** Path of the endpoint, for one with a controller of its own or with parameters in it. @default the server's route */
  readonly path?: string;

  /** Answers `ctx.elicit()`. What it throws, the call that asked rejects with. */
  readonly onElicit?: (question: ElicitQuestion) => MaybePromise<ElicitResult>;

  /** Answers `ctx.sample()`. What it throws, the call that asked rejects with. */
  readonly onSample?: (params: CreateMessageParams) => MaybePromise<CreateMessageResult>;

  /** Answers `ctx.listRoots()`. What it throws, the call that asked rejects with. */
  readonly onRoots?: () => MaybePromise<readonly McpRoot[]>;

  /**
   * Declares the tasks extension, with 2026-07-28: a call that becomes a task is followed to its end, and gives the result of
   * the task. Its questions are answered as those of any call; aborting the call cancels the task.
   * @default false: a tool that may be a task is an ordinary call, and one that has to be a task is refused
   */
  readonly tasks?: boolean;

  /**
   * Opens the stream that tells of changed lists, as most clients do: the GET stream of a session, or
   * `subscriptions/listen`.
   * @default true
   */
  readonly listen?: boolean;
}
