import type { ArgumentsHost } from '@nestjs/common';
import type { McpContext } from '../registry/mcp-context.js';

/** Arguments of a handler, in the order that makes `switchToHttp()` give the HTTP request and response. */
export type HandlerArguments = readonly [
  request: unknown,
  response: unknown,
  context: McpContext,
  args: unknown,
  detail?: unknown,
];

/** Arranges what a handler is given for Nest's enhancers. */
export function handlerArguments(args: unknown, context: McpContext, detail?: unknown): unknown[] {
  const { http } = context;
  return [http?.request, http?.response, context, args, detail] satisfies HandlerArguments;
}

/**
 * Typed access to an MCP call for guards, interceptors and filters that only make sense there.
 *
 * `switchToHttp()` works as on a controller, so most guards need no change and no use of this.
 *
 * @publicApi
 */
export class McpExecutionContext {
  private constructor(private readonly handlerArguments: HandlerArguments) {}

  /** Checks whether the host belongs to an MCP call. */
  static is(host: ArgumentsHost): boolean {
    return host.getType<string>() === 'mcp';
  }

  /** @throws TypeError when the host belongs to something else. */
  static create(host: ArgumentsHost): McpExecutionContext {
    if (!McpExecutionContext.is(host)) throw new TypeError(`Not an MCP call but "${host.getType<string>()}"`);
    return new McpExecutionContext(host.getArgs<[unknown, unknown, McpContext, unknown]>());
  }

  getContext(): McpContext {
    return this.handlerArguments[2];
  }

  /** The validated arguments. */
  getArgs<T = unknown>(): T {
    return this.handlerArguments[3] as T;
  }
}
