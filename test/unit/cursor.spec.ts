import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ListCursor } from '../../lib/lists/list-cursor.js';

const tools = new ListCursor('secret', 'tools');
const key = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });

describe('a cursor', () => {
  it('is read by every instance with the same secret', () => {
    fc.assert(
      fc.property(key, (name) =>
        expect(new ListCursor('secret', 'tools').read(tools.after(name))).toBe(name),
      ),
    );
  });

  it('of another list or secret is refused', () => {
    fc.assert(
      fc.property(key, (name) => {
        expect(() => new ListCursor('secret', 'prompts').read(tools.after(name))).toThrow('cursor');
        expect(() => new ListCursor('other', 'tools').read(tools.after(name))).toThrow('cursor');
      }),
    );
  });

  it('is refused once a character has been changed, added or lost', () => {
    const character = fc.constantFrom(...'ABCxyz019-_+/=. \n\u00e9');
    fc.assert(
      fc.property(key, fc.nat(), character, fc.constantFrom(0, 1), (name, position, put, taken) => {
        const cursor = tools.after(name);
        const at = position % cursor.length;
        const changed = cursor.slice(0, at) + put + cursor.slice(at + taken);
        if (changed !== cursor) expect(() => tools.read(changed)).toThrow('cursor is not one of this list');
        expect(() => tools.read(cursor.slice(0, at))).toThrow('cursor is not one of this list');
      }),
    );
  });

  it('may be anything at all without doing harm', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.string(), fc.base64String({ minLength: 24 })), (given) => {
        expect(() => tools.read(given)).toThrow(expect.objectContaining({ code: -32602 }));
      }),
    );
  });

  it('of 5 MB is refused unread', () => {
    expect(() => tools.read(tools.after('x'.repeat(5_000_000)))).toThrow('cursor is not one of this list');
  });
});
