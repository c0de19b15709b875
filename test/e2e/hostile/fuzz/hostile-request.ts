import fc from 'fast-check';
import type { WireRequest } from './connection.js';
import { CALLS, headersOf, toMessage, USERS, type User, type Way } from './messages.js';

/** Changes to a proper request, in numbers small enough to shrink. */
export interface Hostile {
  readonly user: User;
  readonly way: Way;
  /** Which of `CALLS`. */
  readonly call: number;
  readonly id: unknown;
  /** Changes to the message, in order. */
  readonly edits: readonly Edit[];
  /** Changes to the text or bytes of the body. */
  readonly damage: Damage | null;
  readonly headers: readonly HeaderEdit[];
  readonly verb: string;
  readonly isChunked: boolean;
}

interface Edit {
  readonly kind: 'set' | 'delete' | 'add';
  /** Which member of the message, counted from its root. */
  readonly at: number;
  readonly key: string;
  readonly value: unknown;
}

interface Damage {
  readonly kind: 'cut' | 'insert' | 'batch' | 'nest' | 'twice';
  readonly at: number;
  readonly bytes: string;
}

interface HeaderEdit {
  readonly kind: 'drop' | 'set' | 'repeat';
  readonly name: string;
  readonly value: string;
}

const ODD_IDS: readonly unknown[] = [
  ...[0, -1, 1.5, 2 ** 53, 2 ** 53 + 1, -(2 ** 60), 1e300],
  ...['', 'x', '\u0000', '\n\r\u2028', '\ud800', '__proto__', 'x'.repeat(300)],
  ...[null, true, [], {}, [1], { id: 1 }],
];

const ODD_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'id',
  'method',
  '_meta',
  'then',
  'x',
  '',
];

const ODD_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 1.5, 2 ** 53 + 1, 1e300, '', 'x', '\u0000', '\ud800', '\ufeff'],
  ...[[], {}, [[]], [null], { toString: 1 }, JSON.parse('{"__proto__":{"polluted":1}}')],
  ...[{ constructor: { prototype: { polluted: 1 } } }, 'x'.repeat(2000), '~mallory/0~'],
  ...['2025-03-26', '2026-07-28', 'v999', 'echo', 'tools/call', 'elicitation/create', 'test://page'],
];

const BYTES = [
  '',
  '\u0000',
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '\\ud800',
  '1e999',
  '\xff\xfe',
  '\xed\xa0\x80',
];

const HEADER_NAMES = [
  'Content-Type',
  'Content-Encoding',
  'Accept',
  'MCP-Protocol-Version',
  'Mcp-Session-Id',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Param-X',
  'Last-Event-ID',
  'Origin',
  'Cookie',
  'Authorization',
  '__proto__',
  'X-Odd',
];

const HEADER_VALUES = [
  '',
  ' ',
  'x',
  '\xff',
  '\t',
  'gzip',
  'null',
  '0',
  'application/json',
  'text/event-stream',
  'application/json;charset=utf-16',
  '2025-03-26',
  '2025-11-25',
  '2026-07-28',
  '2026-07-28, 2025-11-25',
  '=?base64?4pi6?=',
  '=?base64?%%?=',
  'http://localhost',
  'https://evil.example',
  'x'.repeat(500),
];

/** Mostly nothing, now and then a few: most of a request stays as it should be. */
function few<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant<T[]>([]) },
    { weight: 1, arbitrary: fc.array(arbitrary, { minLength: 1, maxLength: 2, size: 'max' }) },
  );
}

const edit = fc.record<Edit>({
  kind: fc.constantFrom('set', 'set', 'delete', 'add'),
  at: fc.nat(30),
  key: fc.constantFrom(...ODD_KEYS),
  value: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...ODD_VALUES) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  ),
});

const damage = fc.record<Damage>({
  kind: fc.constantFrom('cut', 'insert', 'batch', 'nest', 'twice'),
  at: fc.nat(400),
  bytes: fc.constantFrom(...BYTES),
});

const headerEdit = fc.record<HeaderEdit>({
  kind: fc.constantFrom('drop', 'set', 'repeat'),
  name: fc.constantFrom(...HEADER_NAMES),
  value: fc.constantFrom(...HEADER_VALUES),
});

export const hostile: fc.Arbitrary<Hostile> = fc.record<Hostile>({
  user: fc.constantFrom(...USERS),
  // On its own a legacy request is refused at once, as this server keeps sessions.
  way: fc.constantFrom('alone', 'session', 'session', 'session', 'modern', 'modern', 'modern'),
  call: fc.nat(CALLS.length - 1),
  id: fc.oneof({ weight: 4, arbitrary: fc.nat(1_000_000) }, fc.constantFrom(...ODD_IDS)),
  edits: few(edit),
  damage: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: damage }),
  headers: few(headerEdit),
  verb: fc.oneof(
    { weight: 30, arbitrary: fc.constant('POST') },
    fc.constantFrom('GET', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'),
  ),
  isChunked: fc.boolean(),
});

/** The request that a description stands for. */
export function toRequest(
  { user, way, call, id, edits, damage: harm, headers, verb, isChunked }: Hostile,
  mark: string,
  session: string,
): WireRequest {
  const { method, params } = CALLS[call] as (typeof CALLS)[number];
  const message = structuredClone(toMessage(way, method, params(mark), id));
  const given = headersOf(way, user, session, message);
  for (const each of edits) change(message, each);
  const text = JSON.stringify(message);
  return {
    method: verb,
    headers: headers.reduce(changeHeader, given),
    ...(verb !== 'HEAD' && { body: harm ? harmed(text, harm) : text }),
    isChunked,
  };
}

function change(message: Record<string, unknown>, { kind, at, key, value: shared }: Edit): void {
  // A later change must not reach a value that other requests have too.
  const value = structuredClone(shared);
  const places = placesOf(message);
  const [holder, member] = places[at % places.length] ?? [message, 'jsonrpc'];
  if (kind === 'delete') delete holder[member];
  else if (kind === 'set') holder[member] = value;
  // As JSON.parse would: never the prototype itself.
  else Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function placesOf(holder: Record<string, unknown>): [Record<string, unknown>, string][] {
  return Object.entries(holder).flatMap(([key, value]) => {
    const inner = typeof value === 'object' && value !== null ? placesOf(value as typeof holder) : [];
    return [[holder, key] as [Record<string, unknown>, string], ...inner];
  });
}

function harmed(text: string, { kind, at, bytes }: Damage): string | Uint8Array {
  const place = at % (text.length + 1);
  switch (kind) {
    case 'cut':
      return text.slice(0, place);
    case 'insert':
      return Buffer.concat([
        Buffer.from(text.slice(0, place)),
        Buffer.from(bytes, 'latin1'),
        Buffer.from(text.slice(place)),
      ]);
    case 'batch':
      return `[${Array.from({ length: at % 4 }, () => text).join(',')}]`;
    case 'nest':
      return text.replace('"jsonrpc"', `"deep":${'['.repeat(at)}${']'.repeat(at)},"jsonrpc"`);
    case 'twice':
      return text + text;
  }
}

function changeHeader(headers: [string, string][], { kind, name, value }: HeaderEdit): [string, string][] {
  const isOther = ([other]: [string, string]) => other !== name;
  if (kind === 'repeat') return [...headers, [name, value]];
  return kind === 'drop' ? headers.filter(isOther) : [...headers.filter(isOther), [name, value]];
}
