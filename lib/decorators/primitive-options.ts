import type { Meta } from '../protocol/request-meta.js';
import type { Completion } from '../protocol/types/completion.js';
import type { McpIcon } from '../protocol/types/implementation.js';
import type { McpContext } from '../registry/mcp-context.js';
import type { McpVisible } from '../registry/entries.js';

/** Common options of tools, resources and prompts. */
export interface PrimitiveOptions {
  readonly title?: string;
  readonly description?: string;
  readonly icons?: readonly McpIcon[];
  readonly _meta?: Meta;
  /** Decides which callers may see it. @default all callers */
  readonly visible?: McpVisible;
  /** Milliseconds after which a call is cancelled and answered with an error. @default no limit */
  readonly timeoutMs?: number;
}

/**
 * Suggests values for an argument of a prompt or a variable of a URI template, best first.
 *
 * Called with what is typed so far and the arguments that have their values already. Runs behind the guards and filters
 * of the handler it stands beside, but not its interceptors and pipes.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion
 * @publicApi
 */
export type McpCompleter = (
  value: string,
  ctx: McpContext,
  given: Readonly<Record<string, string>>,
) => readonly string[] | Completion | Promise<readonly string[] | Completion>;
