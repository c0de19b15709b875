import type { RequestId } from './json-rpc.js';
import { isObject, isRequestId, isResponse, type JsonRpcMessage } from './json-rpc.js';
import { invalidParams } from './mcp.error.js';
import { isLogLevel, type McpLogLevel } from './types/logging.js';
import type { ClientCapabilities } from './types/capabilities.js';
import type { McpImplementation } from './types/implementation.js';

/** Reserved `_meta` keys. See https://modelcontextprotocol.io/specification/2026-07-28/basic/index#meta */
export const MetaKey = {
  ProtocolVersion: 'io.modelcontextprotocol/protocolVersion',
  ClientInfo: 'io.modelcontextprotocol/clientInfo',
  ClientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  LogLevel: 'io.modelcontextprotocol/logLevel',
  ServerInfo: 'io.modelcontextprotocol/serverInfo',
  SubscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** Metadata of a request or result: reserved keys and whatever else its sender put there. */
export type Meta = Readonly<Record<string, unknown>>;

/** Metadata of a modern request about its sender. */
export interface ModernMeta {
  readonly clientInfo: McpImplementation | undefined;
  readonly clientCapabilities: ClientCapabilities;
  readonly logLevel: McpLogLevel | undefined;
}

const NO_META: Meta = Object.freeze({});

export function readMeta(params: Readonly<Record<string, unknown>> | undefined): Meta {
  const meta = params?.['_meta'];
  return isObject(meta) ? meta : NO_META;
}

/** The revision that a message says it is of; whatever it put there, as nothing is checked yet. */
export function declaredBy(message: JsonRpcMessage): unknown {
  return isResponse(message) ? undefined : readMeta(message.params)[MetaKey.ProtocolVersion];
}

/** The token to report progress under, or `undefined` when the client asked for none. */
export function readProgressToken(meta: Meta): RequestId | undefined {
  const token = meta['progressToken'];
  if (token === undefined) return undefined;
  if (!isRequestId(token)) throw invalidParams('_meta.progressToken must be a string or an integer');
  return token;
}

/** Reads the fields every modern request must carry. Throws `-32602` for a missing or malformed one. */
export function readModernMeta(meta: Meta): ModernMeta {
  const clientCapabilities = meta[MetaKey.ClientCapabilities];
  if (!isObject(clientCapabilities)) throw missing(MetaKey.ClientCapabilities, 'an object');
  const clientInfo = meta[MetaKey.ClientInfo];
  if (clientInfo !== undefined && !isImplementation(clientInfo)) {
    throw missing(MetaKey.ClientInfo, 'an object with name and version');
  }
  const logLevel = meta[MetaKey.LogLevel];
  if (logLevel !== undefined && !isLogLevel(logLevel)) throw missing(MetaKey.LogLevel, 'a log level');
  return { clientInfo, clientCapabilities, logLevel };
}

function missing(key: string, expected: string) {
  return invalidParams(`_meta["${key}"] must be ${expected}`);
}

export function isImplementation(value: unknown): value is McpImplementation {
  return isObject(value) && typeof value['name'] === 'string' && typeof value['version'] === 'string';
}
