import { request, type IncomingMessage } from 'node:http';
import { SseReader } from './sse.js';

/** An answer over plain HTTP, read whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; of an SSE answer the last message. */
  readonly json: any;
  /** Every JSON-RPC message, in order: one for JSON, all of an SSE answer. */
  readonly messages: any[];
}

export type Poster = (body: unknown, headers?: Record<string, string>) => Promise<HttpAnswer>;

/** Posts JSON (or, given a string or bytes, exactly these). */
export function createPoster(url: string): Poster {
  return async (body, headers = {}) => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: isRaw ? (body as string) : JSON.stringify(body),
    });
    return readAnswer(response);
  };
}

/** A request as `fetch` would not send it: any verb, any `Host`, repeated headers, a body in pieces. */
export interface OddRequest {
  readonly method?: string;
  /** A list of alternating names and values keeps repetitions. */
  readonly headers?: Record<string, string> | readonly string[];
  /** Sent chunked, without a length, if it is a list. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[];
  readonly signal?: AbortSignal;
}

export async function send(
  url: string,
  { method = 'POST', headers = {}, body, signal }: OddRequest,
): Promise<HttpAnswer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false, ...(signal && { signal }) }, resolve);
    sent.once('error', reject);
    if (body !== undefined) sent.useChunkedEncodingByDefault = true;
    if (Array.isArray(body)) for (const chunk of body) sent.write(chunk);
    sent.end(Array.isArray(body) ? undefined : body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const pairs = Object.entries(response.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const status = response.statusCode ?? 0;
  const text = [101, 204, 205, 304].includes(status) ? null : Buffer.concat(chunks);
  return readAnswer(new Response(text, { status, headers: pairs }));
}

export async function readAnswer(response: Response): Promise<HttpAnswer> {
  const text = await response.text();
  const isSse = response.headers.get('content-type')?.startsWith('text/event-stream');
  const messages = isSse ? SseReader.parse(text).map(({ data }) => JSON.parse(data)) : parseIfJson(text);
  return { status: response.status, headers: response.headers, text, messages, json: messages.at(-1) };
}

function parseIfJson(text: string): any[] {
  if (text === '') return [];
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

let nextId = 1;

/** A legacy request of a given method. */
export function legacy(method: string, params?: object, id: string | number = nextId++) {
  return { jsonrpc: '2.0', id, method, ...(params && { params }) };
}

/** A modern request and the headers that go with it. */
export function modern(
  method: string,
  params: Record<string, unknown> = {},
  {
    id = nextId++,
    capabilities = {},
    meta = {},
  }: { id?: string | number; capabilities?: object; meta?: object } = {},
): [body: object, headers: Record<string, string>] {
  const name = params['name'] ?? params['uri'] ?? params['taskId'];
  return [
    {
      jsonrpc: '2.0',
      id,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
          'io.modelcontextprotocol/clientCapabilities': capabilities,
          ...meta,
        },
      },
    },
    {
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    },
  ];
}
