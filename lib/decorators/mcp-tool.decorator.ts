import type { ToolAnnotations } from '../protocol/types/tools.js';
import type { McpTaskOptions } from '../protocol/types/task-rules.js';
import type { SchemaSource } from '../schema/schema-source.js';
import { TOOL_METADATA } from '../mcp.constants.js';
import { definePrimitive } from './define-primitive.js';
import type { PrimitiveOptions } from './primitive-options.js';
import type { TypedMethodDecorator } from './typed-method-decorator.js';

/**
 * The page that shows a tool's result in hosts that support MCP Apps.
 *
 * @see https://apps.extensions.modelcontextprotocol.io
 * @publicApi
 */
export interface McpToolUi {
  /** The `ui://` URI of the resource that is the page. */
  readonly resourceUri: string;
  /** Callers of the tool: the model, the page, or both. @default the default of the host: both */
  readonly visibility?: readonly ('model' | 'app')[];
}

/**
 * Options of a tool: its description, its schemas and the way it is called.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool
 * @publicApi
 */
export interface McpToolOptions extends PrimitiveOptions {
  /**
   * 1 to 128 of `A-Z a-z 0-9 _ - .`, unique in the server.
   * @default the name of the method
   */
  readonly name?: string;
  /**
   * Schema of the arguments: a class-validator DTO class, a Standard Schema (zod, valibot, arktype) or JSON Schema
   * 2020-12. Invalid arguments never reach the handler.
   * @default the class of the first parameter, if it is one
   */
  readonly input?: SchemaSource;
  /** Schema of `structuredContent`. An invalid result is logged and becomes a tool error. */
  readonly output?: SchemaSource;
  readonly annotations?: ToolAnnotations;
  /** The page that shows the result (MCP Apps): its `ui://` URI, or more about it. Ends up in `_meta`. */
  readonly ui?: string | McpToolUi;
  /**
   * Use of tasks: a call may or must become a task, which the client polls later, instead of a request that stays open
   * while it runs; for clients that declare `io.modelcontextprotocol/tasks`. Needs the module option `tasks` or `store`.
   * @default 'never'
   */
  readonly task?: 'never' | 'auto' | 'required' | McpTaskOptions;
}

/**
 * Makes a method of a provider a tool.
 *
 * The method receives `(args, ctx)`: the validated arguments and an `McpContext`. It may return a string, content
 * blocks, a whole `CallToolResult`, any other value (which becomes `structuredContent` and its JSON as text) or
 * nothing. Guards, pipes, interceptors and filters apply as on a controller.
 *
 * @publicApi
 */
export function McpTool<O extends McpToolOptions & { readonly input: SchemaSource }>(
  options: O & Readonly<Record<Exclude<keyof O, keyof McpToolOptions>, never>>,
): TypedMethodDecorator<O['input']>;
export function McpTool(options?: McpToolOptions): MethodDecorator;
export function McpTool(options: McpToolOptions = {}): MethodDecorator {
  return definePrimitive({ key: TOOL_METADATA, options });
}
