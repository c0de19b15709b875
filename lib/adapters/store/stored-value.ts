/**
 * A JSON value as text for a store: `s` and the text itself for a string, which most messages are, `j` and JSON for all
 * else. Later formats will begin with other letters.
 */
export function encodeValue(value: unknown): string {
  if (typeof value === 'string' && isStorable(value)) return `s${value}`;
  return `j${JSON.stringify(value ?? null)}`;
}

/** Reads what `encodeValue` wrote. */
export function decodeValue(text: string): unknown {
  if (text.startsWith('s')) return text.slice(1);
  if (text.startsWith('j')) return JSON.parse(text.slice(1)) as unknown;
  throw new Error(`A stored value has a format this version does not know: ${text.slice(0, 1)}`);
}

/** Checks whether every store takes a text: no halves of surrogate pairs, no NUL. The method is newer than our types. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}
