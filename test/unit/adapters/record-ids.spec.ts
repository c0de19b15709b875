import { describe, expect, it } from '@jest/globals';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { recordIdOf } from '../../../lib/adapters/record-ids.js';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const drawn = (alphabet: string, length: number) =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');

const SHAPES: readonly [string, () => string, RegExp][] = [
  ['a UUID', randomUUID, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ['a UUID in capitals', () => randomUUID().toUpperCase(), /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/],
  ['hexadecimal', () => randomBytes(16).toString('hex'), /^[0-9a-f]{32}$/],
  ['base64url', () => randomBytes(24).toString('base64url'), /^[\w-]{32}$/],
  ['a ULID', () => drawn(CROCKFORD, 26), /^[0-9A-HJKMNP-TV-Z]{26}$/],
  ['a number', () => drawn('0123456789', 39), /^\d{39}$/],
  ['prefixed', () => `sess_${randomBytes(16).toString('hex')}`, /^sess_[0-9a-f]{32}$/],
];

describe('ids of records beside a session', () => {
  it.each(SHAPES)('have the shape of the id of the session: %s', (_name, generate, shape) => {
    const seen = new Set<string>();
    for (let count = 0; count < 500; count++) {
      const id = generate();
      const all = [id, recordIdOf(id, 'alive'), recordIdOf(id, 'state')];
      for (const each of all) {
        expect(each).toMatch(shape);
        expect(each).toHaveLength(id.length);
        expect(seen.has(each)).toBe(false);
        seen.add(each);
      }
      expect(recordIdOf(id, 'alive')).toBe(all[1]);
    }
  });

  it.each(['', 'session', '__proto__', '../..', '*', 'x'.repeat(256), '\u00e9', '----------------------'])(
    'differ from one another and from the id, whatever that is: %j',
    (id) => {
      expect(new Set([id, recordIdOf(id, 'alive'), recordIdOf(id, 'state')]).size).toBe(3);
    },
  );
});
