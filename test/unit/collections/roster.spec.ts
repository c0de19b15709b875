import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Roster } from '../../../lib/collections/roster.js';

describe('a roster', () => {
  it('holds what was added and not taken off, whatever the order', () => {
    const steps = fc.array(fc.record({ isAdded: fc.boolean(), which: fc.nat() }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (all) => {
        const roster = new Roster<number>();
        const there: { item: number; leave: () => void }[] = [];
        let gone: () => void = () => {};
        for (const [item, { isAdded, which }] of all.entries()) {
          if (isAdded || there.length === 0) there.push({ item, leave: roster.add(item) });
          else {
            const [left] = there.splice(which % there.length, 1);
            gone();
            gone = left!.leave;
            gone();
          }
          expect([...roster].toSorted()).toEqual(there.map((each) => each.item).toSorted());
          expect(roster.size).toBe(there.length);
        }
      }),
    );
  });

  it('holds the same thing as often as it was added', () => {
    const roster = new Roster<string>();
    const leave = roster.add('twice');
    roster.add('twice');
    leave();
    leave();
    expect([...roster]).toEqual(['twice']);
  });

  it('can be changed while it is gone through', () => {
    const roster = new Roster<number>();
    const leaves = [1, 2, 3].map((each) => roster.add(each));
    const seen: number[] = [];
    for (const each of roster) {
      seen.push(each);
      leaves.forEach((leave) => leave());
    }
    expect(seen).toEqual([1, 2, 3]);
    expect(roster.size).toBe(0);
  });

  it('forgets all at once, and is not confused by who leaves afterwards', () => {
    const roster = new Roster<string>();
    const leave = roster.add('before');
    roster.clear();
    roster.add('after');
    leave();
    expect([...roster]).toEqual(['after']);
  });
});
