import { Random } from './random.js';

/** Kinds of faults. */
export const FAULT_KINDS = [
  'kill',
  'terminate',
  'kill two',
  'kill all',
  'cut commands',
  'cut messages',
  'cut everything',
  'stop store',
  'kill store',
  'stall store',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Milliseconds after the fault before was repaired, or done if it is not waited for. */
  readonly pauseMs: number;
  /** The instances concerned. */
  readonly instances: readonly number[];
  /** Milliseconds until what was ended is started again. */
  readonly downMs: number;
  /** True if the next fault waits until this one is repaired. */
  readonly isAwaited: boolean;
}

/** Faults of each round, in an order of its own; one that is listed twice comes twice. */
const ROUND: readonly FaultKind[] = [
  'kill',
  'cut messages',
  'kill store',
  'terminate',
  'cut commands',
  'kill',
  'stop store',
  'cut everything',
  'kill two',
  'kill all',
  'stall store',
];

/** A pause in which whatever waits must come to its end: every so many faults. */
const CALM = { everyFaults: 4, ms: 14_000 };

/** Generates faults and their times, as long as it is asked for more; the same for the same seed and kinds. */
export function* planFaults(
  seed: number,
  instances: number,
  isPossible: (kind: FaultKind) => boolean = () => true,
): Generator<Fault, never> {
  const random = new Random(seed);
  const all = Array.from({ length: instances }, (_, index) => index);
  for (let count = 0; ;) {
    for (const kind of random.shuffle(ROUND.filter(isPossible))) {
      const isCalm = count > 0 && count % CALM.everyFaults === 0;
      count++;
      yield {
        kind,
        pauseMs: (isCalm ? CALM.ms : 0) + random.between(300, 3_500),
        instances: random.shuffle(all).slice(0, howMany(kind, instances)),
        downMs: random.pick([0, 500, 1_500, 4_000]),
        isAwaited: random.chance(0.75),
      };
    }
  }
}

function howMany(kind: FaultKind, instances: number): number {
  if (kind === 'kill' || kind === 'terminate') return 1;
  if (kind === 'kill two') return 2;
  return kind === 'kill all' ? instances : 0;
}
