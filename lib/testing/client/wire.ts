import type { JsonRpcNotification } from '../../protocol/json-rpc.js';
import type { ProtocolVersion } from '../../protocol/protocol-version.js';
import type { ClientCapabilities, ServerCapabilities } from '../../protocol/types/capabilities.js';
import type { McpImplementation } from '../../protocol/types/implementation.js';
import type { McpLogLevel } from '../../protocol/types/logging.js';
import type { ClientAnswers } from './client-answers.js';
import type { Endpoint } from './endpoint.js';
import type { Inbox } from './inbox.js';

export type Params = Readonly<Record<string, unknown>>;

/** The result of a request as it was sent. */
export type Result = Readonly<Record<string, unknown>>;

/** Options of a single request. */
export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Hears of what arrives on the stream of this request, after the inbox has. */
  readonly onNotification?: (notification: JsonRpcNotification) => void;
}

/** Self-description of a server. */
export interface ServerDescription {
  readonly serverInfo: McpImplementation | undefined;
  readonly capabilities: ServerCapabilities;
  readonly instructions: string | undefined;
}

/** How a client of one era talks. The only thing that differs between them. */
export interface Wire {
  /** Greets the server. Called once, first. */
  connect(): Promise<ServerDescription>;
  /** Opens the stream that tells of changed lists. */
  listen(): Promise<void>;
  /** Sends a request, answers what it leads to be asked, and gives its result. */
  request(method: string, params: Params, options?: RequestOptions): Promise<Result>;
  notify(method: string, params?: Params): Promise<void>;
  /** Sets from which severity on log messages are sent; `undefined` for none. */
  setLogLevel(level: McpLogLevel): Promise<void>;
  /** Watches a resource until the returned function is called. */
  subscribe(uri: string): Promise<() => Promise<void>>;
  readonly sessionId: string | undefined;
  close(): Promise<void>;
}

/** Dependencies of a wire. */
export interface WireParts {
  readonly endpoint: Endpoint;
  readonly version: ProtocolVersion;
  readonly capabilities: ClientCapabilities;
  readonly answers: ClientAnswers;
  readonly inbox: Inbox;
}

export const CLIENT_INFO: McpImplementation = { name: 'mcp-test-client', version: '1.0.0' };

/** All entries of a list, page by page. */
export async function listAll<T = Result>(
  wire: Pick<Wire, 'request'>,
  method: string,
  key: string,
): Promise<T[]> {
  const entries: T[] = [];
  let cursor: unknown;
  do {
    const page = await wire.request(method, cursor === undefined ? {} : { cursor });
    entries.push(...(page[key] as T[]));
    cursor = page['nextCursor'];
  } while (cursor !== undefined);
  return entries;
}
