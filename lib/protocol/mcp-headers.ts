import type { JsonRpcRequest } from './json-rpc.js';
import { headerMismatch, type McpError } from './mcp.error.js';

/** Request headers as Node gives them: lower-case names. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Names of the headers the Streamable HTTP transport defines, as Node spells them. */
export const HeaderName = {
  ProtocolVersion: 'mcp-protocol-version',
  SessionId: 'mcp-session-id',
  LastEventId: 'last-event-id',
  Method: 'mcp-method',
  Name: 'mcp-name',
  ParamPrefix: 'mcp-param-',
} as const;

/** A tool parameter that a modern client mirrors into a header. */
export interface MirroredParameter {
  /** Lower-case header name, `mcp-param-…`. */
  readonly header: string;
  /** The chain of property names that leads to the value in the arguments. */
  readonly path: readonly string[];
  readonly type: 'string' | 'integer' | 'boolean';
}

/** Which parameter `Mcp-Name` repeats, by method. */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** Headers whose lines Node joins with a comma, although only one may be sent. Two sessions joined are none anyway. */
const SINGLE: readonly string[] = [
  HeaderName.ProtocolVersion,
  HeaderName.LastEventId,
  HeaderName.Method,
  HeaderName.Name,
];

/**
 * The name of a header of the protocol that was sent more than once, if any: joined by Node, two lines look like one value
 * that a proxy has not seen. `rawHeaders` alternates names and values.
 */
export function findRepeated(headers: Headers, rawHeaders: readonly string[]): string | undefined {
  for (const name in headers) {
    // Only what holds a comma can have been joined, which spares nearly every request the search.
    if (!name.startsWith('mcp-') && name !== HeaderName.LastEventId) continue;
    if (!headers[name]?.includes(',') || !isSingle(name)) continue;
    if (countOf(name, rawHeaders) > 1) return name;
  }
  return undefined;
}

function isSingle(name: string): boolean {
  return SINGLE.includes(name) || name.startsWith(HeaderName.ParamPrefix);
}

function countOf(wanted: string, rawHeaders: readonly string[]): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === wanted).length;
}

/** One value of a header, or `undefined` when it is absent or sent more than once. */
export function readHeader(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/**
 * Compares `Mcp-Method` and `Mcp-Name` with the body; returns the mismatch, if any.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation
 */
export function checkStandardHeaders(headers: Headers, request: JsonRpcRequest): McpError | undefined {
  const method = readHeader(headers, HeaderName.Method);
  if (method === undefined) return headerMismatch('Mcp-Method is required');
  if (method !== request.method) return headerMismatch('Mcp-Method does not match the method of the body');

  const source = NAMED_BY.get(request.method);
  const name = source === undefined ? undefined : request.params?.[source];
  if (typeof name !== 'string') return undefined;
  const header = readHeader(headers, HeaderName.Name);
  if (header === undefined) return headerMismatch('Mcp-Name is required');
  return decodeHeaderValue(header) === name
    ? undefined
    : headerMismatch(`Mcp-Name does not match params.${source} of the body`);
}

/** Compares the `Mcp-Param-*` headers a tool asks for with the call's arguments; returns the mismatch, if any. */
export function checkMirroredParameters(
  headers: Headers,
  parameters: readonly MirroredParameter[],
  args: unknown,
): McpError | undefined {
  for (const { header, path, type } of parameters) {
    const value = valueAt(args, path);
    const raw = headers[header];
    if (value === undefined || value === null) {
      if (raw !== undefined) return headerMismatch(`${header} is set but the body has no value for it`);
      continue;
    }
    if (typeof raw !== 'string') return headerMismatch(`${header} is required`);
    const decoded = decodeHeaderValue(raw);
    if (decoded === undefined) return headerMismatch(`${header} holds invalid characters`);
    if (!isSameValue(decoded, value, type)) return headerMismatch(`${header} does not match the body`);
  }
  return undefined;
}

function isSameValue(header: string, value: unknown, type: MirroredParameter['type']): boolean {
  switch (typeof value) {
    case 'number':
      if (type === 'integer') return isSameInteger(header, value);
      return header === String(value);
    case 'string':
    case 'boolean':
      return header === String(value);
    default:
      return false;
  }
}

/** Beyond the safe range two different numbers may look the same. */
function isSameInteger(header: string, value: number): boolean {
  return Number.isSafeInteger(value) && /^-?\d+(\.\d+)?$/.test(header) && Number(header) === value;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

const PLAIN = /^[\t\x20-\x7e]*$/;
const SENTINEL = /^=\?base64\?(.*)\?=$/s;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * A value as a header carries it: what is not plain ASCII, or would be taken for something else, is encoded.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding
 */
export function encodeHeaderValue(value: string): string {
  const isPlain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !value.startsWith('=?base64?');
  return isPlain ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}

/** Undoes the Base64 sentinel; plain ASCII comes back as it is, anything malformed as `undefined`. */
export function decodeHeaderValue(value: string): string | undefined {
  const encoded = SENTINEL.exec(value)?.[1];
  if (encoded === undefined) return PLAIN.test(value) ? value : undefined;
  if (!BASE64.test(encoded)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}
