import type { PromptArgument } from '../protocol/types/prompts.js';
import type { SchemaSource } from '../schema/schema-source.js';
import { PROMPT_METADATA } from '../mcp.constants.js';
import { definePrimitive } from './define-primitive.js';
import type { McpCompleter, PrimitiveOptions } from './primitive-options.js';

/**
 * Options of a prompt: its description and its arguments.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts#prompt
 * @publicApi
 */
export interface McpPromptOptions extends PrimitiveOptions {
  /** Unique in the server. @default the name of the method */
  readonly name?: string;
  /** The arguments, where there is nothing to check but that the required ones are there. Not together with `input`. */
  readonly arguments?: readonly PromptArgument[];
  /**
   * Schema of the arguments: a class-validator DTO class, a Standard Schema or JSON Schema. Arguments are strings on the
   * wire: `@Type(() => Number)` or `z.coerce.number()` convert them. Invalid ones are answered `-32602` and never reach
   * the handler.
   * @default the class of the first parameter, if it is one
   */
  readonly input?: SchemaSource;
  /** Suggests values for arguments, by their names. */
  readonly complete?: Readonly<Record<string, McpCompleter>>;
}

/**
 * Makes a method of a provider a prompt.
 *
 * The method receives `(args, ctx)`: the validated arguments and an `McpContext`. It may return text or content blocks,
 * which the user says, messages (`{ role, content }`), an array of any of these, or a whole `GetPromptResult`. Guards,
 * pipes, interceptors and filters apply as on a controller.
 *
 * @publicApi
 */
export function McpPrompt(options: McpPromptOptions = {}): MethodDecorator {
  return definePrimitive({ key: PROMPT_METADATA, options });
}
