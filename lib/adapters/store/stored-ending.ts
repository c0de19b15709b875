/** How a question ends: the answer, or why there is none. */
export type Ending = { readonly answer: unknown } | { readonly reason: unknown };

/** An ending as text: `a` and the answer as JSON, `e` and an error, `r` and any other reason. */
export function encodeEnding(ending: Ending): string {
  if ('answer' in ending) return `a${JSON.stringify(ending.answer ?? null)}`;
  const { reason } = ending;
  if (!isError(reason)) return `r${JSON.stringify(reason ?? null)}`;
  const { name, message, code } = reason as Error & { readonly code?: unknown };
  return `e${JSON.stringify({ name, message, ...(code !== undefined && { code }) })}`;
}

/** Reads what `encodeEnding` wrote. */
export function decodeEnding(text: string): Ending {
  const value = JSON.parse(text.slice(1)) as unknown;
  if (text.startsWith('a')) return { answer: value };
  if (!text.startsWith('e')) return { reason: value };
  const { name, message, code } = value as { name: string; message: string; code?: unknown };
  return { reason: Object.assign(new Error(message), { name }, code === undefined ? {} : { code }) };
}

/** By its shape: errors of another realm are errors too. */
function isError(reason: unknown): boolean {
  return /^\[object (Error|DOMException)\]$/.test(Object.prototype.toString.call(reason));
}
