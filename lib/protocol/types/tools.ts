import type { Meta } from '../request-meta.js';
import type { ContentBlock } from './content.js';
import type { McpIcon } from './implementation.js';

/**
 * Hints about a tool's behaviour. Clients treat them as untrusted.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#toolannotations
 * @publicApi
 */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/**
 * A tool as `tools/list` shows it.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool
 * @publicApi
 */
export interface Tool {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  readonly annotations?: ToolAnnotations;
  readonly icons?: readonly McpIcon[];
  readonly _meta?: Meta;
}

/**
 * The whole result of a tool call, for handlers that want to say everything themselves.
 *
 * `structuredContent` is checked against the tool's output schema. With `isError` it is dropped.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#calltoolresult
 * @publicApi
 */
export interface CallToolResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly _meta?: Meta;
}
