import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS, planFaults, type Fault } from './plan.js';
import { Random } from './random.js';

function take(count: number, seed: number): Fault[] {
  const plan = planFaults(seed, 3);
  return Array.from({ length: count }, () => plan.next().value);
}

describe('A plan of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(take(40, 7)).toEqual(take(40, 7));
    expect(take(40, 7)).not.toEqual(take(40, 8));
  });

  it('has every kind in each round', () => {
    const kinds = new Set(take(11, 3).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([...FAULT_KINDS].sort());
  });

  it('names as many different instances as the kind says', () => {
    const counts = { kill: 1, terminate: 1, 'kill two': 2, 'kill all': 3 };
    for (const { kind, instances } of take(40, 5)) {
      expect(instances).toHaveLength(counts[kind as keyof typeof counts] ?? 0);
      expect(new Set(instances).size).toBe(instances.length);
    }
  });

  it('leaves time to recover after every fourth', () => {
    const pauses = take(13, 9).map(({ pauseMs }) => pauseMs);
    const long = pauses.flatMap((pauseMs, index) => (pauseMs >= 14_000 ? [index] : []));
    expect(long).toEqual([4, 8, 12]);
  });
});

describe('A source of random numbers', () => {
  it('stays within its bounds and reaches both of them', () => {
    const random = new Random(1);
    const drawn = Array.from({ length: 500 }, () => random.between(2, 4));
    expect(new Set(drawn)).toEqual(new Set([2, 3, 4]));
  });

  it('shuffles without losing anything', () => {
    expect(new Random(1).shuffle([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
  });
});
