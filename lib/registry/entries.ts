import type { MirroredParameter } from '../protocol/mcp-headers.js';
import type { Tool } from '../protocol/types/tools.js';
import type { Schema } from '../schema/schema.js';
import type { McpContext } from './mcp-context.js';

/** Runs a handler through the application's pipeline. Settles as the handler does. */
export type Invoke = (args: unknown, context: McpContext) => Promise<unknown>;

/** A tool as the server keeps it: what it shows, what it accepts and how it is run. */
export interface ToolEntry {
  readonly tool: Tool;
  readonly input: Schema;
  readonly output: Schema | undefined;
  readonly mirrored: readonly MirroredParameter[];
  readonly timeoutMs: number | undefined;
  readonly invoke: Invoke;
}
