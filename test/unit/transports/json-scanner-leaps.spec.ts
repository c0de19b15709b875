import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonScanner } from '../../../lib/transports/streamable-http/http/json-scanner.js';

const DEEP = '['.repeat(257);

/** Long strings full of what may be taken for their end. */
const text = fc
  .array(fc.constantFrom('\\', '"', '{', ':', 'x', 'x'.repeat(90), '\\\\', '\\"', 'é'), { maxLength: 60 })
  .map((parts) => parts.join(''));

function push(scanner: JsonScanner, bytes: Buffer, cuts: readonly number[]): string | undefined {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  let from = 0;
  for (const end of ends) {
    const excess = scanner.push(bytes.subarray(from, end));
    if (excess !== undefined) return excess;
    from = end;
  }
  return undefined;
}

it('finds the end of a string of any length and content, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 5 }), (value, cuts) => {
      const inside = Buffer.from(JSON.stringify([value + DEEP]));
      expect(push(new JsonScanner(), inside, cuts)).toBeUndefined();
      const after = Buffer.from(JSON.stringify([value]) + DEEP);
      expect(push(new JsonScanner(), after, cuts)).toContain('256 levels');
    }),
    { numRuns: 500 },
  );
});
