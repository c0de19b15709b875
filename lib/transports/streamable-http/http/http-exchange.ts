import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalidRequest, McpError, McpErrorCode } from '../../../protocol/mcp.error.js';
import { errorResponse, type RequestId } from '../../../protocol/json-rpc.js';
import type { Principal } from '../../../registry/principal.js';
import type { JsonBody } from './json-body.js';
import { lingerAfter } from './connection.js';

/** The platform's own request and response. */
export class PlatformObjects {
  constructor(
    readonly request: unknown,
    readonly response: unknown,
  ) {}
}

/**
 * One HTTP request with its response: Node's own objects, and the platform's that wrap them.
 *
 * A class, as everything that lives as long as a stream. Object literals that outlive a few hundred streams V8 makes in its old space from
 * then on; those of small calls, too, where each keeps its whole request from being collected with other young objects. With 500
 * open streams that was a third of a call.
 */
export class HttpExchange {
  /** Id of the request that errors answer, once the body has told. */
  requestId: RequestId | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    /** The body, where the platform or our reader has dealt with it already. */
    readonly body: JsonBody | undefined,
    readonly platform = new PlatformObjects(request, response),
  ) {}
}

/** Kinds of answers that a client takes. */
export interface Accepted {
  readonly json: boolean;
  readonly sse: boolean;
}

/** Request whose caller was let in. */
export class AdmittedRequest {
  constructor(
    readonly exchange: HttpExchange,
    readonly principal: Principal | undefined,
    /** Kinds of answers that the client takes. */
    readonly accepted: Accepted,
  ) {}
}

/** Default for what cannot be served now: it can be a moment later. */
const RETRY_SOON = { 'retry-after': '1' };

/** Writes a whole JSON answer at once; does nothing where there is an answer already. */
export function sendJson(
  { response }: Pick<HttpExchange, 'response'>,
  status: number,
  text: string,
  headers?: Readonly<Record<string, string | number | readonly string[]>>,
): void {
  if (response.headersSent || response.destroyed) return;
  lingerAfter(response);
  const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  if (status === 503) Object.assign(head, RETRY_SOON);
  response.writeHead(status, headers ? { ...head, ...headers } : head);
  response.end(text);
}

/** Answers with a JSON-RPC error. */
export function sendError(
  exchange: Pick<HttpExchange, 'response' | 'requestId'>,
  status: number,
  error: McpError,
  {
    id = exchange.requestId ?? null,
    headers,
  }: { id?: RequestId | null; headers?: Readonly<Record<string, string>> } = {},
): void {
  sendJson(exchange, status, errorResponse(id, error.toJSON()), headers);
}

/** Sends the client elsewhere, and away from this connection, which keeps the server from closing. */
export function refuseClosing(exchange: Pick<HttpExchange, 'response' | 'requestId'>): void {
  const error = new McpError(McpErrorCode.InternalError, 'The server is shutting down');
  sendError(exchange, 503, error, { headers: { connection: 'close' } });
}

/** Accepts a message that gets no answer. */
export function sendAccepted({ response }: Pick<HttpExchange, 'response'>): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(202, { 'content-length': 0 });
  response.end();
}

/** Answers an invalid request. */
export function refuse(
  exchange: Pick<HttpExchange, 'response' | 'requestId'>,
  status: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): void {
  sendError(exchange, status, invalidRequest(message), headers && { headers });
}

const ANYTHING: Accepted = { json: true, sse: true };

/** The last header that was read: mostly the next one, too. */
let last = { header: '*/*', accepted: ANYTHING };

/** A missing header, or one that says nothing of either kind, is read as "anything". */
export function readAccept({ headers: { accept } }: IncomingMessage): Accepted {
  if (accept === undefined) return ANYTHING;
  if (accept !== last.header) last = { header: accept, accepted: toAccepted(accept) };
  return last.accepted;
}

function toAccepted(header: string): Accepted {
  const ranges = readRanges(header);
  const json = accepts(ranges, JSON_RANGES);
  const sse = accepts(ranges, SSE_RANGES);
  if (!json && !sse) return ANYTHING;
  return { json: json ?? false, sse: sse ?? false };
}

/** Media ranges that a kind of answer falls under, the most specific first, which is the one that counts. */
const JSON_RANGES = ['application/json', 'application/*', '*/*'];
const SSE_RANGES = ['text/event-stream', 'text/*', '*/*'];

/** Reads media ranges: `false` for one that is not wanted, as its weight is zero (RFC 9110, section 12.4.2). */
export function readRanges(header: string): ReadonlyMap<string, boolean> {
  const parts = header.toLowerCase().split(',');
  return new Map(
    parts.map((part) => {
      const [range = '', ...parameters] = part.split(';').map((each) => each.trim());
      return [range, !parameters.some((each) => /^q=0(?:\.0{0,3})?$/.test(each))];
    }),
  );
}

/** @returns `undefined` where the header says nothing of it */
function accepts(ranges: ReadonlyMap<string, boolean>, kinds: readonly string[]): boolean | undefined {
  const named = kinds.find((kind) => ranges.has(kind));
  return named === undefined ? undefined : ranges.get(named);
}

/** Checks whether the client accepts both media types, each by its name, as the specification requires. */
export function isStrictlyAccepting(request: IncomingMessage): boolean {
  const ranges = readRanges(request.headers.accept ?? '');
  return ranges.get('application/json') === true && ranges.get('text/event-stream') === true;
}
