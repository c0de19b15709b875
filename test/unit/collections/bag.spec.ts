import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Bag } from '../../../lib/collections/bag.js';

describe('a bag', () => {
  it('holds what was added and not taken off, whatever the order', () => {
    const steps = fc.array(fc.record({ isAdded: fc.boolean(), which: fc.nat() }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (all) => {
        const bag = new Bag<number>();
        const there: { item: number; leave: () => void }[] = [];
        let gone: () => void = () => {};
        for (const [item, { isAdded, which }] of all.entries()) {
          if (isAdded || there.length === 0) there.push({ item, leave: bag.add(item) });
          else {
            const [left] = there.splice(which % there.length, 1);
            gone();
            gone = left!.leave;
            gone();
          }
          expect([...bag].toSorted()).toEqual(there.map((each) => each.item).toSorted());
          expect(bag.size).toBe(there.length);
        }
      }),
    );
  });

  it('holds the same thing as often as it was added', () => {
    const bag = new Bag<string>();
    const leave = bag.add('twice');
    bag.add('twice');
    leave();
    leave();
    expect([...bag]).toEqual(['twice']);
  });

  it('can be changed while it is gone through', () => {
    const bag = new Bag<number>();
    const leaves = [1, 2, 3].map((each) => bag.add(each));
    const seen: number[] = [];
    for (const each of bag) {
      seen.push(each);
      leaves.forEach((leave) => leave());
    }
    expect(seen).toEqual([1, 2, 3]);
    expect(bag.size).toBe(0);
  });

  it('forgets all at once, and is not confused by who leaves afterwards', () => {
    const bag = new Bag<string>();
    const leave = bag.add('before');
    bag.clear();
    bag.add('after');
    leave();
    expect([...bag]).toEqual(['after']);
  });
});
