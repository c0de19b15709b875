import { createHash } from 'node:crypto';

/** Records that the defaults of `SessionAdapter` keep beside a session. */
export type RecordKind = 'state' | 'alive';

/** Separates the records beside a session from sessions: they have no protocol version of their own. */
export const RECORD_META = { protocolVersion: '' };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Positions of a UUID that say which kind it is. */
const UUID_KIND: ReadonlySet<number> = new Set([14, 19]);

/** Characters of ids, the narrowest first: what fits in a column for hexadecimal numbers stays one. */
const ALPHABETS = [
  '0123456789',
  '0123456789abcdef',
  '0123456789ABCDEF',
  '0123456789abcdefghijklmnopqrstuvwxyz',
  '0123456789ABCDEFGHJKMNPQRSTVWXYZ',
  '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
] as const;

/** Fewer would make two sessions meet in one record. */
const MIN_VARIABLE_CHARACTERS = 12;

/**
 * The id of a record beside a session. It has the shape of the session's own id, so that it fits wherever sessions fit (a
 * `uuid` column, a fixed length, a prefix), and follows from it alone, so that every instance finds it.
 */
export function recordIdOf(sessionId: string, kind: RecordKind): string {
  const isUuid = UUID.test(sessionId);
  const prefix = isUuid ? '' : (/^[A-Za-z]{1,16}[_:.-]/.exec(sessionId)?.[0] ?? '');
  const isKept = (character: string, index: number) =>
    index < prefix.length || !/[0-9A-Za-z]/.test(character) || (isUuid && UUID_KIND.has(index));
  const characters = [...sessionId];
  const varying = characters.filter((character, index) => !isKept(character, index));
  // An id of so few characters can be guessed anyway: it has no shape worth keeping.
  if (varying.length < MIN_VARIABLE_CHARACTERS) return `${sessionId}~${kind}`;
  const alphabet = ALPHABETS.find((each) => varying.every((character) => each.includes(character))) as string;
  const draw = drawing(`${kind} ${sessionId}`);
  return characters
    .map((character, index) => (isKept(character, index) ? character : alphabet[draw() % alphabet.length]))
    .join('');
}

/** Numbers that follow from a text, as many as are asked for. */
function drawing(text: string): () => number {
  let block = 0;
  let bytes = Buffer.alloc(0);
  let offset = 0;
  return () => {
    if (offset + 2 > bytes.length) {
      bytes = createHash('sha256').update(`${block++} ${text}`).digest();
      offset = 0;
    }
    const number = bytes.readUInt16BE(offset);
    offset += 2;
    return number;
  };
}
