import { isNativeError } from 'node:util/types';
import { McpError, McpErrorCode } from '../protocol/mcp.error.js';
import type { Entry } from '../registry/entries.js';
import { HandlerContext } from './handler-context.js';
import type { Call } from './call.js';
import { runWithTimeout, TimeoutError } from './timeout.js';

/** Arguments of a handler. */
export interface HandlerInput {
  readonly args: unknown;
  /** Its third parameter, if it has one. */
  readonly detail?: unknown;
}

/** Runs the handler of an entry within its time limit; afterwards what it left running can no longer reach the client. */
export async function runHandler(
  entry: Pick<Entry, 'invoke' | 'timeoutMs'>,
  { args, detail }: HandlerInput,
  call: Call,
): Promise<unknown> {
  const context = new HandlerContext(call, args);
  try {
    const value = await runWithTimeout(entry.timeoutMs, call.cancellation, () =>
      entry.invoke(args, context, detail),
    );
    // Filters are used to return errors to Nest, which is to say that the call has failed.
    if (isNativeError(value)) throw value;
    return value;
  } finally {
    const unsaid = context.settle();
    if (unsaid) await unsaid;
  }
}

/** The same for what has no result that tells of a failure: running out of time or being cancelled is a plain error. */
export async function runOrRefuse(...[entry, input, call]: Parameters<typeof runHandler>): Promise<unknown> {
  try {
    return await runHandler(entry, input, call);
  } catch (error) {
    if (error instanceof McpError) throw error;
    if (error instanceof TimeoutError) {
      throw new McpError(McpErrorCode.InternalError, `${call.request.method} ${error.message}`, undefined, {
        cause: error,
      });
    }
    if (call.cancellation.isCancelled) {
      throw new McpError(McpErrorCode.InternalError, 'Cancelled', undefined, { cause: error });
    }
    throw error;
  }
}
