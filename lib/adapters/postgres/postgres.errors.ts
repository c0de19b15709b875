/** Codes of Postgres that pass: lost, refused or too many connections, shutdown, timeouts, a full disk, a standby. */
const PASSING = /^(08...|53...|57P0[1235]|57014|58...|28...|25006|25P0[34]|55P03|40001|40P01)$/;

/** Of two transactions that met; the next attempt is likely to succeed at once. */
const CONFLICT = /^(40001|40P01)$/;

/** A table, function or schema is not there. */
const MISSING = /^(42P01|42883|3F000)$/;

/** Mistakes in code, which do not pass. */
const MISTAKES = /^(TypeError|ReferenceError|RangeError|SyntaxError|McpConfigurationError)$/;

/** Recognises transient failures. One that is no answer of Postgres, and no mistake, comes from a lost connection. */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  return code === undefined ? !MISTAKES.test(propertyOf(error, 'name') ?? '') : PASSING.test(code);
}

export function isConflict(error: unknown): boolean {
  return CONFLICT.test(codeOf(error) ?? '');
}

export function isMissing(error: unknown): boolean {
  return MISSING.test(codeOf(error) ?? '');
}

/** Recognises a refused name or password. */
export function isRefused(error: unknown): boolean {
  return codeOf(error)?.startsWith('28') === true;
}

/** The text of whatever was thrown. Some errors of Node have a code and no message. */
export function messageOf(error: unknown): string {
  return propertyOf(error, 'message') || propertyOf(error, 'code') || String(error);
}

/** The code of an answer of Postgres; errors of Node have codes of another form, and no severity. */
function codeOf(error: unknown): string | undefined {
  return propertyOf(error, 'severity') === undefined ? undefined : propertyOf(error, 'code');
}

function propertyOf(error: unknown, name: string): string | undefined {
  const value = (error as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
}
