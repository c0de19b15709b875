/**
 * What the log of a session's stream holds: one letter for the kind, then the text of a JSON-RPC message.
 * `P` opens a stream and gives readers a position to start from, `M` is a message, `L` is a message that ends the stream,
 * `X` ends it without one. What is last said and that it is the last are one record: an instance may die between two.
 */
export const PRIMING = 'P';
export const END = 'X';

export function messageRecord(text: string): string {
  return `M${text}`;
}

export function lastRecord(text: string): string {
  return `L${text}`;
}

/** The text of a message; `undefined` for the other kinds. */
export function messageOf(record: unknown): string | undefined {
  return typeof record === 'string' && /^[ML]/.test(record) ? record.slice(1) : undefined;
}

/** Whether nothing comes after it. */
export function isLast(record: unknown): boolean {
  return record === END || (typeof record === 'string' && record.startsWith('L'));
}
