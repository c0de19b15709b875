import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { EventLog, type EventLogLimits } from '../../../lib/adapters/in-memory/event-log.js';

const LARGE: EventLogLimits = { maxEvents: 1_000, maxBytes: 1_000_000 };

function filled(count: number, limits: EventLogLimits = LARGE): EventLog {
  const log = new EventLog(limits, 0);
  for (let sequence = 1; sequence <= count; sequence++) log.append(sequence, `m${sequence}`);
  return log;
}

function all(log: EventLog, after: number): unknown[] {
  const messages: unknown[] = [];
  for (let event = log.after(after); event; event = log.after(event.sequence)) messages.push(event.message);
  return messages;
}

/** The same in the plainest way: all that was ever appended, and how many of it are left. */
class NaiveLog {
  readonly #events: { sequence: number; message: string }[] = [];
  #first = 0;

  constructor(
    private readonly limits: EventLogLimits,
    private readonly startsAfter: number,
  ) {}

  append(sequence: number, message: string): void {
    this.#events.push({ sequence, message });
    const isTooMuch = () =>
      this.#kept().length > this.limits.maxEvents ||
      Buffer.byteLength(
        this.#kept()
          .map((event) => event.message)
          .join(''),
      ) > this.limits.maxBytes;
    while (this.#kept().length > 1 && isTooMuch()) this.#first++;
  }

  after(sequence: number): { sequence: number; message: string } | undefined {
    return this.#kept().find((event) => event.sequence > sequence);
  }

  holdsAllAfter(sequence: number): boolean {
    const newest = this.#events.at(-1)?.sequence ?? this.startsAfter;
    const dropped = this.#events[this.#first - 1]?.sequence ?? this.startsAfter;
    return sequence >= dropped && sequence <= newest;
  }

  #kept() {
    return this.#events.slice(this.#first);
  }
}

describe('EventLog', () => {
  it('holds nothing at first, and all that follows its beginning', () => {
    const log = new EventLog(LARGE, 7);
    expect(log.after(0)).toBeUndefined();
    expect([6, 7, 8].map((sequence) => log.holdsAllAfter(sequence))).toEqual([false, true, false]);
  });

  it('gives the first event after a sequence number, also one that it never had', () => {
    const log = new EventLog(LARGE, 0);
    for (const sequence of [3, 7, 8, 20]) log.append(sequence, `m${sequence}`);
    expect([0, 2, 3, 5, 7, 8, 19, 20].map((sequence) => log.after(sequence)?.message)).toEqual([
      'm3',
      'm3',
      'm7',
      'm7',
      'm8',
      'm20',
      'm20',
      undefined,
    ]);
  });

  it.each([1, 2, 3, 4, 5, 8, 9, 100])('keeps the newest %i', (maxEvents) => {
    const log = filled(250, { maxEvents, maxBytes: 1_000_000 });
    expect(all(log, 0)).toEqual(Array.from({ length: maxEvents }, (_, n) => `m${251 - maxEvents + n}`));
    expect(log.holdsAllAfter(250 - maxEvents)).toBe(true);
    expect(log.holdsAllAfter(249 - maxEvents)).toBe(false);
  });

  it('grows without losing anything or its order', () => {
    for (let count = 1; count <= 70; count++) {
      expect(all(filled(count), 0)).toEqual(Array.from({ length: count }, (_, n) => `m${n + 1}`));
    }
  });

  it('grows after it was trimmed in the middle of the ring', () => {
    const log = new EventLog({ maxEvents: 100, maxBytes: 30 }, 0);
    for (let sequence = 1; sequence <= 6; sequence++) log.append(sequence, 'x'.repeat(10));
    for (let sequence = 7; sequence <= 26; sequence++) log.append(sequence, 'y');
    expect(all(log, 0)).toEqual(['x'.repeat(10), ...Array.from({ length: 20 }, () => 'y')]);
  });

  it('keeps no more bytes than allowed, counted as they are sent', () => {
    const log = new EventLog({ maxEvents: 100, maxBytes: 10 }, 0);
    log.append(1, 'four');
    log.append(2, 'four');
    expect(log.holdsAllAfter(0)).toBe(true);
    log.append(3, 'éé');
    expect(all(log, 0)).toEqual(['four', 'éé']);
    log.append(4, { a: 1 });
    expect(all(log, 0)).toEqual([{ a: 1 }]);
  });

  it('keeps the newest event whatever its size', () => {
    const log = filled(5, { maxEvents: 10, maxBytes: 10 });
    log.append(6, 'x'.repeat(1_000));
    expect(all(log, 0)).toHaveLength(1);
    expect(log.holdsAllAfter(5)).toBe(true);
    expect(log.holdsAllAfter(4)).toBe(false);
    log.append(7, 'small');
    expect(all(log, 0)).toEqual(['small']);
  });

  it('keeps the values that are falsy', () => {
    const log = new EventLog(LARGE, 0);
    [null, 0, false, '', undefined].forEach((message, n) => log.append(n + 1, message));
    expect(all(log, 0)).toEqual([null, 0, false, '', undefined]);
  });

  it('holds what an array would hold', () => {
    fc.assert(
      fc.property(
        fc.record({ maxEvents: fc.integer({ min: 1, max: 12 }), maxBytes: fc.integer({ min: 1, max: 60 }) }),
        fc.nat(5),
        fc.array(fc.record({ skipped: fc.nat(2), message: fc.string({ unit: 'grapheme', maxLength: 15 }) }), {
          maxLength: 60,
        }),
        (limits, startsAfter, appended) => {
          const log = new EventLog(limits, startsAfter);
          const naive = new NaiveLog(limits, startsAfter);
          let sequence = startsAfter;
          for (const { skipped, message } of appended) {
            sequence += 1 + skipped;
            log.append(sequence, message);
            naive.append(sequence, message);
          }
          for (let asked = 0; asked <= sequence + 1; asked++) {
            expect(log.holdsAllAfter(asked)).toBe(naive.holdsAllAfter(asked));
            const expected = naive.after(asked);
            expect(log.after(asked)).toEqual(expected && expect.objectContaining(expected));
          }
        },
      ),
    );
  });

  it('measures each message once, however often others are dropped', () => {
    let measured = 0;
    const message = {
      toJSON() {
        measured++;
        return 'x'.repeat(100);
      },
    };
    const log = new EventLog({ maxEvents: 50, maxBytes: 2_000 }, 0);
    for (let sequence = 1; sequence <= 1_000; sequence++) log.append(sequence, message);
    expect(measured).toBe(1_000);
  });

  it('compares as many numbers as a search by halves needs, and moves each event a few times at most', () => {
    let compared = 0;
    let moved = 0;
    /** A sequence number that counts how often it is compared. */
    const counted = (value: number) => ({ valueOf: () => (compared++, value) }) as unknown as number;
    const copy = Array.from;
    const copying = jest.spyOn(Array, 'from').mockImplementation((...args: unknown[]) => {
      const made = Reflect.apply(copy, Array, args) as unknown[];
      moved += made.length;
      return made;
    });
    const size = 65_536;
    const log = new EventLog({ maxEvents: size, maxBytes: Infinity }, 0);
    for (let n = 1; n <= 2 * size; n++) log.append(counted(n), 'message');
    copying.mockRestore();
    expect(compared).toBe(0);
    expect(moved).toBeLessThan(2 * size);

    expect(Number(log.after(2 * size - 5_000)?.sequence)).toBe(2 * size - 4_999);
    expect(compared).toBeGreaterThan(0);
    expect(compared).toBeLessThan(20);
  });

  it('wakes who waits: by an event, or by hand', async () => {
    const log = filled(1);
    const waiting = [log.wait(), log.wait()];
    log.append(2, 'm2');
    await Promise.all(waiting);

    const byHand = log.wait();
    log.wake();
    await byHand;
  });
});
