import { isObject } from '../protocol/json-rpc.js';
import { ParameterKind } from '../mcp.constants.js';
import type { HandlerArguments } from './mcp-execution-context.js';

/** Members of the platform's request that Nest's own decorators read. */
const REQUEST_MEMBERS: ReadonlyMap<number, string> = new Map([
  [ParameterKind.Query, 'query'],
  [ParameterKind.PathParameters, 'params'],
  [ParameterKind.Headers, 'headers'],
  [ParameterKind.Session, 'session'],
  [ParameterKind.Hosts, 'hosts'],
  [ParameterKind.Ip, 'ip'],
]);

/** Turns a parameter kind into its value. Kinds that make no sense on an MCP call are `undefined`. */
export const mcpParamsFactory = {
  exchangeKeyForValue(kind: number, data: unknown, handlerArguments: unknown): unknown {
    const [request, response, context, args, detail] = handlerArguments as HandlerArguments;
    switch (kind) {
      case ParameterKind.Arguments:
        return pick(args, data);
      case ParameterKind.Context:
        return context;
      case ParameterKind.Detail:
        return detail;
      case ParameterKind.Request:
        return request;
      case ParameterKind.Response:
        return response;
      case ParameterKind.Headers:
        return pickOf(request, kind, typeof data === 'string' ? data.toLowerCase() : data);
      default:
        return pickOf(request, kind, data);
    }
  },
};

function pickOf(request: unknown, kind: number, data: unknown): unknown {
  const member = REQUEST_MEMBERS.get(kind);
  return member !== undefined && isObject(request) ? pick(request[member], data) : undefined;
}

function pick(value: unknown, property: unknown): unknown {
  if (typeof property !== 'string') return value;
  return isObject(value) && Object.hasOwn(value, property) ? value[property] : undefined;
}
