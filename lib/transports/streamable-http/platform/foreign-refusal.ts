import { STATUS_CODES } from 'node:http';
import { errorResponse, isObject, readRequestId } from '../../../protocol/json-rpc.js';
import { invalidRequest, McpError, McpErrorCode } from '../../../protocol/mcp.error.js';

/**
 * The JSON-RPC error that says what a guard, filter or plugin of the application has refused a request of the endpoint
 * with; `undefined` where it is one already.
 */
export function toErrorResponse(status: number, refusal: unknown, requestBody: unknown): string | undefined {
  const said = parse(refusal);
  if (isObject(said) && said['jsonrpc'] === '2.0' && 'error' in said) return undefined;
  return errorResponse(readRequestId(requestBody) ?? null, refusalOf(status, textOf(said)).toJSON());
}

/** Makes the error of a status. The text of a failure of the server stays here: it may hold what clients must not know. */
export function refusalOf(status: number, text?: string): McpError {
  const name = STATUS_CODES[status] ?? 'Refused';
  if (status < 500) return invalidRequest(text ?? name);
  return new McpError(McpErrorCode.InternalError, status === 500 ? 'Internal error' : name);
}

function parse(refusal: unknown): unknown {
  const isText = typeof refusal === 'string' || Buffer.isBuffer(refusal);
  if (!isText) return refusal;
  try {
    return JSON.parse(refusal.toString());
  } catch {
    // A page or a line for people.
    return undefined;
  }
}

/** Nest, Fastify and most filters put what they have to say into `message`. */
function textOf(said: unknown): string | undefined {
  const message = isObject(said) ? said['message'] : said;
  if (Array.isArray(message)) return message.map(String).join('\n');
  return typeof message === 'string' && message !== '' ? message : undefined;
}
