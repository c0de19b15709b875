import type { IncomingMessage } from 'node:http';

/** Which of the two kinds of answer a client takes. */
export interface Accepted {
  readonly json: boolean;
  readonly sse: boolean;
}

const ANYTHING: Accepted = { json: true, sse: true };

/** The last header that was read: mostly the next one, too. */
let last = { header: '*/*', accepted: ANYTHING };

/** A missing header, or one that names neither kind, is read as "anything". */
export function readAccept({ headers: { accept } }: IncomingMessage): Accepted {
  if (accept === undefined) return ANYTHING;
  if (accept !== last.header) last = { header: accept, accepted: parse(accept.toLowerCase()) };
  return last.accepted;
}

function parse(header: string): Accepted {
  const anything = header.includes('*/*');
  const json = anything || header.includes('application/json') || header.includes('application/*');
  const sse = anything || header.includes('text/event-stream') || header.includes('text/*');
  return json || sse ? { json, sse } : ANYTHING;
}

/** What the specification asks of a client: name both kinds. */
export function isStrictlyAccepting(request: IncomingMessage): boolean {
  const header = request.headers.accept?.toLowerCase() ?? '';
  return header.includes('application/json') && header.includes('text/event-stream');
}
