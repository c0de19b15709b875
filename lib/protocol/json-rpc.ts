/**
 * Identifier of a JSON-RPC request: a string or an integer, never `null`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#requests
 * @publicApi
 */
export type RequestId = string | number;

/** Parameters of a request or notification. MCP uses named parameters only. */
export type JsonRpcParams = Readonly<Record<string, unknown>>;

/** A message that expects an answer. */
export interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: string;
  readonly params?: JsonRpcParams;
}

/** A message that expects no answer. @publicApi */
export interface JsonRpcNotification {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: JsonRpcParams;
}

/** The `error` member of a failed response. */
export interface JsonRpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** The answer to a request: `result` or `error`. */
export interface JsonRpcResponse {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: JsonRpcErrorObject;
}

export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResponse;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

export function isRequest(message: JsonRpcMessage): message is JsonRpcRequest {
  return 'method' in message && 'id' in message;
}

export function isNotification(message: JsonRpcMessage): message is JsonRpcNotification {
  return 'method' in message && !('id' in message);
}

export function isResponse(message: JsonRpcMessage): message is JsonRpcResponse {
  return !('method' in message);
}

/** Narrows parsed JSON to a JSON-RPC message, or `undefined` when it is none. */
export function parseMessage(value: unknown): JsonRpcMessage | undefined {
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return undefined;
  return 'method' in value ? parseCall(value) : parseResponse(value);
}

function parseCall(value: Record<string, unknown>): JsonRpcMessage | undefined {
  const isCall =
    typeof value['method'] === 'string' &&
    (value['params'] === undefined || isObject(value['params'])) &&
    (!('id' in value) || isRequestId(value['id'])) &&
    !('result' in value) &&
    !('error' in value);
  return isCall ? (value as unknown as JsonRpcRequest) : undefined;
}

function parseResponse(value: Record<string, unknown>): JsonRpcResponse | undefined {
  const { id, result, error } = value;
  if (!isRequestId(id) || 'result' in value === 'error' in value) return undefined;
  const isValid = 'result' in value ? isObject(result) : isErrorObject(error);
  return isValid ? (value as unknown as JsonRpcResponse) : undefined;
}

function isErrorObject(value: unknown): boolean {
  return isObject(value) && Number.isInteger(value['code']) && typeof value['message'] === 'string';
}

/** The id of something that may or may not be a request; `null` when there is none to echo. */
export function readId(value: unknown): RequestId | null {
  return isObject(value) && isRequestId(value['id']) ? value['id'] : null;
}

/** The id of what looks like a request, however broken it may be otherwise. */
export function readRequestId(value: unknown): RequestId | undefined {
  return isObject(value) && 'method' in value && isRequestId(value['id']) ? value['id'] : undefined;
}

export function notification(method: string, params: JsonRpcParams): JsonRpcNotification {
  return { jsonrpc: '2.0', method, params };
}

/** Text of a request or notification: only its parameters are more than a frame, which costs more to serialize than to write. */
export function messageText(message: JsonRpcRequest | JsonRpcNotification): string {
  const { method, params } = message;
  const id = 'id' in message ? `"id":${JSON.stringify(message.id)},` : '';
  const rest = params === undefined ? '' : `,"params":${JSON.stringify(params)}`;
  return `{"jsonrpc":"2.0",${id}"method":${JSON.stringify(method)}${rest}}`;
}

/** Text of a successful response whose result is JSON text already. */
export function resultResponse(id: RequestId, resultJson: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultJson}}`;
}

/** Text of a failed response. `id` is `null` when the request's own could not be read. */
export function errorResponse(id: RequestId | null, error: JsonRpcErrorObject): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}

const ANSWERED = /^\{"jsonrpc":"2\.0","id":("(?:[^"\\]|\\.)*"|-?[\d.e+-]+),"(?:result|error)"/;

/** Which request a text that this module has made is the answer to; `undefined` if it is none. */
export function answeredId(text: string): RequestId | undefined {
  const [, id] = ANSWERED.exec(text) ?? [];
  return id === undefined ? undefined : (JSON.parse(id) as RequestId);
}
