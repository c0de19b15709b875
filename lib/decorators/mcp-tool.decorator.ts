import type { Meta } from '../protocol/request-meta.js';
import type { Icon } from '../protocol/types/implementation.js';
import type { ToolAnnotations } from '../protocol/types/tools.js';
import type { SchemaSource } from '../schema/resolve-schema.js';
import { TOOL_METADATA } from '../mcp.constants.js';
import { addDefaultParameters } from './mcp-params.decorators.js';
import { readParameters } from './parameter-metadata.js';

/**
 * How a tool is shown and called.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool
 * @publicApi
 */
export interface McpToolOptions {
  /**
   * 1 to 128 of `A-Z a-z 0-9 _ - .`, unique in the server.
   * @default the name of the method
   */
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  /**
   * What the tool accepts: a class-validator DTO class, a Standard Schema (zod, valibot, arktype) or JSON Schema
   * 2020-12. Arguments that do not fit never reach the handler.
   * @default the class of the first parameter, if it is one
   */
  readonly input?: SchemaSource;
  /** What `structuredContent` looks like. A result that does not fit is logged and becomes a tool error. */
  readonly output?: SchemaSource;
  readonly annotations?: ToolAnnotations;
  readonly icons?: readonly Icon[];
  readonly _meta?: Meta;
  /** Milliseconds after which the call is cancelled and answered with a tool error. @default no limit */
  readonly timeoutMs?: number;
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
export function McpTool(options: McpToolOptions = {}): MethodDecorator {
  return (target, method, descriptor) => {
    const taken = new Set(Object.values(readParameters(target.constructor, method)).map(({ index }) => index));
    addDefaultParameters(target.constructor, method, taken);
    Reflect.defineMetadata(TOOL_METADATA, options, descriptor.value as object);
  };
}
