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
  McpErrorCode,
} from './mcp.error.js';
import { checkStandardHeaders, findRepeated, HeaderName, type Headers } from './mcp-headers.js';
import { ASSUMED_PROTOCOL_VERSION, isModern, type ProtocolVersion } from './protocol-version.js';
import { declaredBy, MetaKey, readMeta, readModernMeta, type ModernMeta } from './request-meta.js';

/** Kind of a POST, before it is handled. */
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

const MODERN_CODES: ReadonlySet<number> = new Set([
  McpErrorCode.HeaderMismatch,
  McpErrorCode.UnsupportedProtocolVersion,
]);

/** Most messages a 2025-03-26 batch may hold. */
const MAX_BATCH = 100;
const NO_BATCHES = 'Batches exist in 2025-03-26 only';

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
  const classified = Array.isArray(body)
    ? classifyBatch(headers, body, supported)
    : classifyByHeaders(headers, body, supported);
  return classified.kind === 'rejected'
    ? { ...classified, error: inWordsOf(supported, classified.error) }
    : classified;
}

/**
 * The same for a message of a transport without headers: its `_meta` decides on the revision. `negotiated` is the revision of
 * an `initialize` that came before on the same connection; only 2025-03-26 has batches. Pure; never throws.
 */
export function classifyMessage(
  body: unknown,
  supported: readonly ProtocolVersion[],
  negotiated: ProtocolVersion | undefined,
): Classified {
  const classified = Array.isArray(body)
    ? classifyBatch({ [HeaderName.ProtocolVersion]: negotiated ?? supported[0] }, body, supported)
    : classifyByMeta(body, supported, negotiated);
  return classified.kind === 'rejected'
    ? { ...classified, error: inWordsOf(supported, classified.error) }
    : classified;
}

function classifyByMeta(
  body: unknown,
  supported: readonly ProtocolVersion[],
  negotiated: ProtocolVersion | undefined,
): Classified {
  const message = parseMessage(body);
  if (!message) return rejected(body, noMessage(body));
  const declared = declaredBy(message);
  if (typeof declared === 'string' && !isSupported(declared, supported)) {
    return rejected(message, unsupportedProtocolVersion(supported, declared));
  }
  const namesVersions = !supported.some(isLegacy) && declared === undefined;
  const requested = namesVersions && isRequest(message) ? message.params?.['protocolVersion'] : undefined;
  if (typeof requested === 'string') {
    return rejected(message, unsupportedProtocolVersion(supported, requested));
  }
  const [newest] = supported;
  const version = typeof declared === 'string' && isSupported(declared, supported) ? declared : newest;
  const opensModern = declared === version || !supported.some(isLegacy);
  if (opensModern && version && isModern(version)) {
    return classifyModern(undefined, version, message, declared);
  }
  if (isRequest(message) && message.method === 'server/discover' && !supported.some(isModern)) {
    return rejected(message, invalidRequest('This server opens with initialize'));
  }
  return { kind: 'legacy', version: negotiated, messages: [message], isBatch: false };
}

function noMessage(body: unknown): McpError {
  return invalidRequest(faultOfParams(body) ?? 'The body is not a JSON-RPC message');
}

/** The fault in the parameters of a message, if they are the reason that it is not a valid one. */
function faultOfParams(message: unknown): string | undefined {
  const { params } = isObject(message) ? message : {};
  if (params === undefined || isObject(params)) return undefined;
  const kind = params === null ? 'null' : typeof params;
  return `params must be an object or left out, not ${Array.isArray(params) ? 'array' : kind}`;
}

function classifyByHeaders(
  headers: Headers,
  body: unknown,
  supported: readonly ProtocolVersion[],
): Classified {
  const message = parseMessage(body);
  if (!message) return rejected(body, noMessage(body));

  const header = headers[HeaderName.ProtocolVersion];
  const declared = declaredBy(message);
  const opensModern = typeof declared === 'string' && isModern(declared);
  if (isRequest(message) && !opensModern) {
    // Negotiates in the body, even if an eager client has put an unsupported version into the header.
    const isServed = typeof header === 'string' && isSupported(header, supported);
    if (message.method === 'initialize' && !isServed && supported.some(isLegacy)) {
      return { kind: 'legacy', version: undefined, messages: [message], isBatch: false };
    }
    // Whatever it says of itself, only a modern client asks for it: -32601 would pass for the answer of a modern server.
    if (message.method === 'server/discover' && !supported.some(isModern)) {
      return rejected(message, invalidRequest('This server opens with initialize'));
    }
  }

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

/** Answer to a client whose request cannot be served. */
interface Refusal {
  readonly status: number;
  readonly error: McpError;
}

/** Why a request without a body cannot be served: a header that names a version this server does not speak. */
export function refuseVersion(
  header: Headers[string],
  supported: readonly ProtocolVersion[],
): Refusal | undefined {
  if (header === undefined || (typeof header === 'string' && isSupported(header, supported)))
    return undefined;
  return { status: 400, error: inWordsOf(supported, unsupportedProtocolVersion(supported, String(header))) };
}

/** Why a request that names a header of the protocol twice cannot be served. */
export function refuseRepeated(
  { headers, rawHeaders }: { readonly headers: Headers; readonly rawHeaders: readonly string[] },
  supported: readonly ProtocolVersion[],
): Refusal | undefined {
  const repeated = findRepeated(headers, rawHeaders);
  if (repeated === undefined) return undefined;
  const spelled = repeated.replace(/(?<![a-z])[a-z]/g, (letter) => letter.toUpperCase());
  return { status: 400, error: inWordsOf(supported, headerMismatch(`${spelled} must be sent once`)) };
}

/**
 * The error as this server may say it. Clients of both eras take the codes that 2026-07-28 has introduced for those of a
 * modern server, and would not fall back to `initialize`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#backward-compatibility
 */
function inWordsOf(supported: readonly ProtocolVersion[], error: McpError): McpError {
  if (supported.some(isModern) || !MODERN_CODES.has(error.code)) return error;
  const versions = error.code === McpErrorCode.UnsupportedProtocolVersion;
  return invalidRequest(versions ? `${error.message} (supported: ${supported.join(', ')})` : error.message);
}

function classifyUndeclared(message: JsonRpcMessage, supported: readonly ProtocolVersion[]): Classified {
  if (supported.some(isLegacy)) {
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

/** Without `headers` there is nothing that a message would have to be mirrored by. */
function classifyModern(
  headers: Headers | undefined,
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
    const mismatch = headers && checkStandardHeaders(headers, message);
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
  if (header !== '2025-03-26') return rejected(null, invalidRequest(NO_BATCHES));
  if (body.length === 0) return rejected(null, invalidRequest('The batch is empty'));
  if (body.length > MAX_BATCH) {
    return rejected(null, invalidRequest(`A batch may hold ${MAX_BATCH} messages at most`));
  }
  const messages: JsonRpcMessage[] = [];
  for (const item of body) {
    const message = parseMessage(item);
    if (!message)
      return rejected(
        null,
        invalidRequest(faultOfParams(item) ?? 'The batch holds something else than JSON-RPC messages'),
      );
    const declared = declaredBy(message);
    if (typeof declared === 'string' && isModern(declared)) return rejected(null, invalidRequest(NO_BATCHES));
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

function isLegacy(version: ProtocolVersion): boolean {
  return !isModern(version);
}

function versionMismatch(): McpError {
  return headerMismatch('MCP-Protocol-Version does not match the version of the body');
}

function rejected(source: unknown, error: McpError): Classified {
  return { kind: 'rejected', status: 400, id: readId(source), error };
}
