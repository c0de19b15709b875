import { McpError, McpErrorCode } from './mcp.error.js';

/** A request to the client as it travels inside a result. */
export interface InputRequest {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * Options of `inputRequired()`.
 *
 * @publicApi
 */
export interface InputRequiredOptions {
  /** Questions by a key of your choice; the answers come back under the same keys. */
  readonly inputRequests?: Readonly<Record<string, InputRequest>>;
  /** Whatever the next round needs to know. It is sealed on its way and comes back as `ctx.requestState`. */
  readonly requestState?: string;
}

/** Returned by a handler that wants to be called again with answers. An error wherever that is not possible. */
export class InputRequired extends McpError {
  override readonly name = 'InputRequired';

  constructor(readonly options: InputRequiredOptions) {
    super(
      McpErrorCode.InternalError,
      'The server needs more input, which this revision of the protocol cannot ask for',
    );
  }
}

/**
 * The result of a handler that asks the 2026-07-28 way, round by round, instead of with `await ctx.elicit()`: the client
 * answers and calls again, and the handler finds the answers in `ctx.inputResponses`. For code that was written so
 * elsewhere; legacy clients get an error.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 * @publicApi
 */
export function inputRequired(options: InputRequiredOptions): InputRequired {
  if (!options.inputRequests && options.requestState === undefined) {
    throw new TypeError('inputRequired() needs inputRequests, requestState or both');
  }
  return new InputRequired(options);
}
