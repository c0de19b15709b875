/**
 * A JSON value as text: `s` and the text itself for a string, which most messages are, `j` and JSON for all else. Later
 * formats will begin with other letters.
 */
export function encodeValue(value: unknown): string {
  if (typeof value === 'string' && isWellFormed(value)) return `s${value}`;
  return `j${JSON.stringify(value ?? null)}`;
}

/** Reads what `encodeValue` wrote. */
export function decodeValue(text: string): unknown {
  if (text.startsWith('s')) return text.slice(1);
  if (text.startsWith('j')) return JSON.parse(text.slice(1)) as unknown;
  throw new Error(`A value in Redis has a format this version does not know: ${text.slice(0, 1)}`);
}

/** Whether it has a UTF-8 form: halves of a surrogate pair have none. Typed by hand, as the method is newer than our types. */
function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}
