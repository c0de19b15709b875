/**
 * What the log of a session's stream holds: one letter for the kind, then the text of a JSON-RPC message.
 * `P` opens a stream and gives readers a position to start from, `M` is a message, `X` ends the stream.
 */
export const PRIMING = 'P';
export const END = 'X';

export function messageRecord(text: string): string {
  return `M${text}`;
}

/** The text of a message; `undefined` for the other kinds. */
export function messageOf(record: unknown): string | undefined {
  return typeof record === 'string' && record.startsWith('M') ? record.slice(1) : undefined;
}
