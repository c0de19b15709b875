import { COMPLETION_METADATA } from '../mcp.constants.js';
import { definePrimitive } from './define-primitive.js';

/**
 * Target of a completion: one argument of a prompt, or one variable of a URI template, of the same server.
 *
 * @publicApi
 */
export type McpCompletionOptions = { readonly argument: string } & (
  | { readonly prompt: string; readonly uriTemplate?: undefined }
  | { readonly uriTemplate: string; readonly prompt?: undefined }
);

/**
 * Makes a method of a provider suggest values for an argument.
 *
 * The method receives `(value, ctx, given)`: what is typed so far, an `McpContext` and the arguments that have their
 * values already. It returns values, best first, or `{ values, total?, hasMore? }`; only the first 100 values are sent.
 * Guards, pipes, interceptors and filters apply as on a controller.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion
 * @publicApi
 */
export function McpCompletion(options: McpCompletionOptions): MethodDecorator {
  return definePrimitive({ key: COMPLETION_METADATA, options, hasDetail: true });
}
