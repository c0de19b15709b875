import type { McpError } from './mcp.error.js';
import type { CacheHint } from './types/caching.js';
import type { ServerCapabilities } from './types/capabilities.js';
import type { McpImplementation } from './types/implementation.js';
import type { CallToolResult, Tool } from './types/tools.js';

/** Differences between the two families of revisions, as data and small pure functions. */
export interface Era {
  readonly name: 'legacy' | 'modern';

  /** Methods of this era; any other is answered `-32601`. */
  readonly methods: ReadonlySet<string>;

  /** A finished result as it goes on the wire. `cache` is given for cacheable results only. */
  complete(result: object, serverInfo: McpImplementation, cache?: Required<CacheHint>): object;

  /** A tool as this era may list it. */
  tool(tool: Tool): Tool;

  /** A tool result as this era may carry it. */
  toolResult(result: CallToolResult): CallToolResult;

  /** The capabilities of the server as this era may declare them. */
  capabilities(capabilities: ServerCapabilities): ServerCapabilities;

  /** The error for a resource that does not exist. */
  resourceNotFound(uri: string): McpError;

  /** The parameters of a question that sends the user to a page. */
  urlElicitation(params: UrlElicitation): Readonly<Record<string, unknown>>;

  /** True if a capability that the client lacks becomes a tool error, and not an error of the request. */
  readonly missingCapabilityIsToolError: boolean;

  /** HTTP status of an answered request that failed with `code`. */
  statusOf(code: number): number;
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#url-mode-elicitation-requests */
export interface UrlElicitation {
  readonly mode: 'url';
  readonly message: string;
  readonly url: string;
}
