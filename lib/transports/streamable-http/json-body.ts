import type { IncomingMessage } from 'node:http';
import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';

/** Why a body could not be taken, as the client is told. */
export interface BodyRefusal {
  readonly status: 400 | 413 | 415;
  readonly error: McpError;
}

export type JsonBody = { readonly value: unknown } | { readonly refusal: BodyRefusal };

export const unreadableBody: BodyRefusal = {
  status: 400,
  error: new McpError(McpErrorCode.ParseError, 'The body is not readable JSON'),
};

export const foreignType: BodyRefusal = {
  status: 415,
  error: invalidRequest('Content-Type must be application/json'),
};

export function bodyTooLarge(maxBodyBytes: number): BodyRefusal {
  return { status: 413, error: invalidRequest(`The body may hold ${maxBodyBytes} bytes at most`) };
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** What the headers alone say against a body. */
export function refuseByHeaders(request: IncomingMessage, maxBodyBytes: number): BodyRefusal | undefined {
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) return foreignType;
  return Number(request.headers['content-length']) > maxBodyBytes ? bodyTooLarge(maxBodyBytes) : undefined;
}

/** Reads and parses a body, never holding more than `maxBodyBytes` of it. Rejects only if the client goes away. */
export async function readJsonBody(request: IncomingMessage, maxBodyBytes: number): Promise<JsonBody> {
  const refusal = refuseByHeaders(request, maxBodyBytes);
  if (refusal) return { refusal };
  const bytes = await readBytes(request, maxBodyBytes);
  if (!bytes) return { refusal: bodyTooLarge(maxBodyBytes) };
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return { refusal: unreadableBody };
  }
}

function readBytes(request: IncomingMessage, maxBodyBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBodyBytes) finish(undefined);
      else chunks.push(chunk);
    };
    const onEnd = () => finish(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    const onClose = () => {
      detach();
      reject(new Error('The client closed the connection before its body was complete'));
    };
    const detach = () =>
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
    const finish = (bytes: Buffer | undefined) => {
      detach();
      if (!bytes) request.pause();
      resolve(bytes);
    };
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}
