import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UseOrder, type UsePlace } from '../../../lib/collections/use-order.js';

describe('an order of use', () => {
  it('goes from the item used longest ago to the one used last, whatever was added, used and removed', () => {
    const steps = fc.array(fc.record({ kind: fc.constantFrom('add', 'use', 'remove'), which: fc.nat() }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const order = new UseOrder<number>();
        let expected: UsePlace<number>[] = [];
        for (const [item, { kind, which }] of all.entries()) {
          const place = expected[which % Math.max(expected.length, 1)];
          if (kind === 'add' || !place) {
            expected.push(order.add(item));
            continue;
          }
          expected = expected.filter((each) => each !== place);
          if (kind === 'remove') order.remove(place);
          else {
            order.use(place);
            expected.push(place);
          }
        }
        expect([...order]).toEqual(expected.map(({ item }) => item));
        expect(order.size).toBe(expected.length);
        expect(order.newest).toBe(expected.at(-1)?.item);
      }),
    );
  });
});
