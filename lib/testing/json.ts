import assert from 'node:assert/strict';

/** Asserts that two JSON values are equal, wherever their prototypes come from. */
export function assertSameJson(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(plain(actual), plain(expected), message);
}

/** Tries to change a value in depth. A frozen one stays as it is, which is as good as a copy. */
export function vandalise(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    vandalise(part);
    Reflect.set(value, key, 'changed by somebody else');
  }
  Reflect.set(value, 'added', 'by somebody else');
}

/** One value of every JSON kind, and those that naive code takes for something else. */
export const JSON_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1.5,
  1e21,
  '',
  ' ',
  'null',
  '{"looks":"like JSON"}',
  '"quoted"',
  'lines\nand\r\nreturns\u2028\u2029, a NUL \u0000, a tab \t, a backslash \\',
  'Grüße, 日本語, 👩‍👩‍👧, é',
  [],
  {},
  [null, [false, { deep: [{ deeper: '' }] }]],
  { id: 0, key: null, list: [], 'with space': { '': 1 } },
];

function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}
