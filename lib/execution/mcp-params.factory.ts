import { isObject } from '../protocol/json-rpc.js';
import { ParameterKind } from '../mcp.constants.js';
import type { HandlerArguments } from './mcp-execution-context.js';

/** Turns a parameter kind into its value. Kinds that make no sense on an MCP call are `undefined`. */
export const mcpParamsFactory = {
  exchangeKeyForValue(kind: number, data: unknown, handlerArguments: unknown): unknown {
    const [request, response, context, args] = handlerArguments as HandlerArguments;
    switch (kind) {
      case ParameterKind.Arguments:
        return pick(args, data);
      case ParameterKind.Context:
        return context;
      case ParameterKind.Request:
        return request;
      case ParameterKind.Response:
        return response;
      case ParameterKind.Headers:
        return isObject(request) ? pick(request['headers'], data) : undefined;
      default:
        return undefined;
    }
  },
};

function pick(value: unknown, property: unknown): unknown {
  if (typeof property !== 'string') return value;
  return isObject(value) && Object.hasOwn(value, property) ? value[property] : undefined;
}
