import type { McpCompletionOptions } from '../decorators/mcp-completion.decorator.js';
import type { McpPromptOptions } from '../decorators/mcp-prompt.decorator.js';
import type { McpResourceOptions } from '../decorators/mcp-resource.decorator.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import { readParameters } from '../decorators/parameter-metadata.js';
import type { DtoClass } from '../schema/dto-libraries.js';
import {
  COMPLETION_METADATA,
  ParameterKind,
  PROMPT_METADATA,
  RESOURCE_METADATA,
  TOOL_METADATA,
} from '../mcp.constants.js';

/** Types that say nothing about the shape of arguments. */
const PLAIN_TYPES: ReadonlySet<unknown> = new Set([
  Object,
  Array,
  Function,
  String,
  Number,
  Boolean,
  Promise,
]);

/** Options that the decorators of one method declare. */
export interface Declarations {
  readonly tool: McpToolOptions | undefined;
  readonly resource: McpResourceOptions | undefined;
  readonly prompt: McpPromptOptions | undefined;
  readonly completion: McpCompletionOptions | undefined;
}

export function readDeclarations(method: object): Declarations {
  return {
    tool: Reflect.getMetadata(TOOL_METADATA, method) as McpToolOptions | undefined,
    resource: Reflect.getMetadata(RESOURCE_METADATA, method) as McpResourceOptions | undefined,
    prompt: Reflect.getMetadata(PROMPT_METADATA, method) as McpPromptOptions | undefined,
    completion: Reflect.getMetadata(COMPLETION_METADATA, method) as McpCompletionOptions | undefined,
  };
}

/** The DTO class a handler declares for its arguments, as far as the compiler recorded one. */
export function readArgumentsClass(prototype: object, method: string): DtoClass | undefined {
  const types = (Reflect.getMetadata('design:paramtypes', prototype, method) ?? []) as unknown[];
  const key = Object.entries(readParameters(prototype.constructor, method)).find(
    ([kind, { data }]) => kind.startsWith(`${ParameterKind.Arguments}:`) && data === undefined,
  );
  const type = key && types[key[1].index];
  return typeof type === 'function' && !PLAIN_TYPES.has(type) ? (type as DtoClass) : undefined;
}

/** Checks whether the handler takes no arguments of the call, as far as the compiler recorded its parameters. */
export function takesNothing(prototype: object, method: string): boolean {
  const types = Reflect.getMetadata('design:paramtypes', prototype, method) as unknown[] | undefined;
  if (!types) return false;
  return Object.entries(readParameters(prototype.constructor, method)).every(
    ([key, { index }]) => index >= types.length || key === `${ParameterKind.Context}:${index}`,
  );
}
