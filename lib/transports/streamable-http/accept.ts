import type { IncomingMessage } from 'node:http';

/** Which of the two kinds of answer a client takes. */
export interface Accepted {
  readonly json: boolean;
  readonly sse: boolean;
}

/** A missing header, or one that names neither kind, is read as "anything". */
export function readAccept(request: IncomingMessage): Accepted {
  const header = request.headers.accept?.toLowerCase();
  if (header === undefined) return { json: true, sse: true };
  const anything = header.includes('*/*');
  const json = anything || header.includes('application/json') || header.includes('application/*');
  const sse = anything || header.includes('text/event-stream') || header.includes('text/*');
  return json || sse ? { json, sse } : { json: true, sse: true };
}

/** What the specification asks of a client: name both kinds. */
export function isStrictlyAccepting(request: IncomingMessage): boolean {
  const header = request.headers.accept?.toLowerCase() ?? '';
  return header.includes('application/json') && header.includes('text/event-stream');
}
