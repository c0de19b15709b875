import {
  isRequest,
  isResponse,
  isObject,
  parseMessage,
  readId,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from './json-rpc.js';
import {
  invalidParams,
  invalidRequest,
  headerMismatch,
  unsupportedProtocolVersion,
  McpError,
} from './mcp.error.js';
import { checkStandardHeaders, HeaderName, type Headers } from './mcp-headers.js';
import { ASSUMED_PROTOCOL_VERSION, isModern, type ProtocolVersion } from './protocol-version.js';
import { MetaKey, readMeta, readModernMeta, type ModernMeta } from './request-meta.js';

/** What a POST is, before anything is done about it. */
export type Classified =
  | {
      readonly kind: 'modern';
      readonly version: ProtocolVersion;
      readonly message: JsonRpcRequest;
      readonly meta: ModernMeta;
    }
  | { readonly kind: 'modern-notification'; readonly message: JsonRpcNotification }
  | {
      readonly kind: 'legacy';
      /** `undefined` when the request did not say. */
      readonly version: ProtocolVersion | undefined;
      readonly messages: readonly JsonRpcMessage[];
      readonly isBatch: boolean;
    }
  | {
      readonly kind: 'rejected';
      readonly status: number;
      readonly id: RequestId | null;
      readonly error: McpError;
    };

/** Most messages a 2025-03-26 batch may hold. */
const MAX_BATCH = 100;

/**
 * Decides which era a POST belongs to, or why it belongs to none. Pure; never throws.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
export function classifyRequest(
  headers: Headers,
  body: unknown,
  supported: readonly ProtocolVersion[],
): Classified {
  if (Array.isArray(body)) return classifyBatch(headers, body, supported);
  const message = parseMessage(body);
  if (!message) return rejected(body, invalidRequest('The body is not a JSON-RPC message'));

  const header = headers[HeaderName.ProtocolVersion];
  const declared = isResponse(message) ? undefined : readMeta(message.params)[MetaKey.ProtocolVersion];
  const opensModern = typeof declared === 'string' && isModern(declared);

  if (header === undefined) {
    if (opensModern) return rejected(body, headerMismatch('MCP-Protocol-Version is required'));
    return classifyUndeclared(message, supported);
  }
  if (typeof header !== 'string' || !isSupported(header, supported)) {
    const mismatch = typeof declared === 'string' && declared !== header;
    return rejected(
      body,
      mismatch ? versionMismatch() : unsupportedProtocolVersion(supported, String(header)),
    );
  }
  if (isModern(header)) return classifyModern(headers, header, message, declared);
  if (opensModern) return rejected(body, versionMismatch());
  return { kind: 'legacy', version: header, messages: [message], isBatch: false };
}

/** Why a request without a body cannot be served: a header that names a version this server does not speak. */
export function refuseVersion(
  header: Headers[string],
  supported: readonly ProtocolVersion[],
): { readonly status: number; readonly error: McpError } | undefined {
  if (header === undefined || (typeof header === 'string' && isSupported(header, supported)))
    return undefined;
  return { status: 400, error: unsupportedProtocolVersion(supported, String(header)) };
}

function classifyUndeclared(message: JsonRpcMessage, supported: readonly ProtocolVersion[]): Classified {
  if (supported.some((version) => !isModern(version))) {
    return { kind: 'legacy', version: undefined, messages: [message], isBatch: false };
  }
  // A modern-only server names its versions, since a legacy client can show its user nothing else.
  const requested = isRequest(message) ? message.params?.['protocolVersion'] : undefined;
  return rejected(
    message,
    typeof requested === 'string'
      ? unsupportedProtocolVersion(supported, requested)
      : headerMismatch('MCP-Protocol-Version is required'),
  );
}

function classifyModern(
  headers: Headers,
  version: ProtocolVersion,
  message: JsonRpcMessage,
  declared: unknown,
): Classified {
  if (isResponse(message)) {
    return rejected(null, invalidRequest('Clients of this revision send no responses'));
  }
  if (!isRequest(message)) return { kind: 'modern-notification', message };
  if (typeof declared !== 'string') {
    return rejected(message, invalidParams(`_meta["${MetaKey.ProtocolVersion}"] must be a string`));
  }
  if (declared !== version) return rejected(message, versionMismatch());
  try {
    const meta = readModernMeta(readMeta(message.params));
    const mismatch = checkStandardHeaders(headers, message);
    return mismatch ? rejected(message, mismatch) : { kind: 'modern', version, message, meta };
  } catch (error) {
    if (error instanceof McpError) return rejected(message, error);
    throw error;
  }
}

function classifyBatch(
  headers: Headers,
  body: readonly unknown[],
  supported: readonly ProtocolVersion[],
): Classified {
  const header = headers[HeaderName.ProtocolVersion] ?? ASSUMED_PROTOCOL_VERSION;
  if (typeof header !== 'string' || !isSupported(header, supported)) {
    return rejected(null, unsupportedProtocolVersion(supported, String(header)));
  }
  if (header !== '2025-03-26') return rejected(null, invalidRequest('Batches exist in 2025-03-26 only'));
  if (body.length === 0) return rejected(null, invalidRequest('The batch is empty'));
  if (body.length > MAX_BATCH) {
    return rejected(null, invalidRequest(`A batch may hold ${MAX_BATCH} messages at most`));
  }
  const messages: JsonRpcMessage[] = [];
  for (const item of body) {
    const message = parseMessage(item);
    if (!message)
      return rejected(null, invalidRequest('The batch holds something else than JSON-RPC messages'));
    if (isObject(item) && item['method'] === 'initialize') {
      return rejected(null, invalidRequest('initialize must not be part of a batch'));
    }
    messages.push(message);
  }
  if (hasRepeatedId(messages)) return rejected(null, invalidRequest('The batch repeats a request id'));
  return { kind: 'legacy', version: header, messages, isBatch: true };
}

function hasRepeatedId(messages: readonly JsonRpcMessage[]): boolean {
  const ids = messages.filter(isRequest).map(({ id }) => id);
  return new Set(ids).size !== ids.length;
}

function isSupported(version: string, supported: readonly ProtocolVersion[]): version is ProtocolVersion {
  return (supported as readonly string[]).includes(version);
}

function versionMismatch(): McpError {
  return headerMismatch('MCP-Protocol-Version does not match the version of the body');
}

function rejected(source: unknown, error: McpError): Classified {
  return { kind: 'rejected', status: 400, id: readId(source), error };
}
