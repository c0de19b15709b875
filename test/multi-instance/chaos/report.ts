import type { Totals } from './clients/world.js';
import type { LedgerLine } from '../fixture/chaos/ledger.js';
import { check } from './history/check.js';
import type { Call, History } from './history/history.js';
import type { FaultKind } from './plan/plan.js';

export interface Report {
  readonly seed: number;
  readonly seconds: number;
  readonly totals: Totals;
  readonly faults: Partial<Record<FaultKind, number>>;
  readonly endings: Readonly<Record<string, number>>;
  /** The longest that a call which lived through a fault took after all was there again, in milliseconds. */
  readonly worstRecoveryMs: number;
  /** A line each; none if all is well. */
  readonly violations: readonly string[];
}

/** Makes the report of a run, with the violations `found` on the way. */
export function reportOf(
  history: History,
  ledger: readonly LedgerLine[],
  found: readonly string[],
  given: Pick<Report, 'seed' | 'seconds' | 'totals' | 'faults'>,
): Report {
  const endings: Record<string, number> = {};
  for (const { ending } of history.calls) {
    const kind = ending?.kind ?? 'none';
    endings[kind] = (endings[kind] ?? 0) + 1;
  }
  // The time that a call of an official client takes is its patience, and no recovery.
  const recoveries = history.calls.map((call) => (call.isOfficial ? 0 : recoveryOf(call, history)));
  return {
    ...given,
    endings,
    worstRecoveryMs: Math.max(0, ...recoveries),
    violations: [...new Set([...found, ...check(history, ledger)])],
  };
}

function recoveryOf({ startedAt, takesMs, endedAt = startedAt }: Call, { outages }: History): number {
  if (outages.between(startedAt, endedAt).length === 0) return 0;
  return outages.waited(startedAt + takesMs, endedAt);
}

export function print({
  seed,
  seconds,
  totals,
  faults,
  endings,
  worstRecoveryMs,
  violations,
}: Report): string {
  const list = (counts: object) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  return [
    ...violations.map((violation) => `VIOLATION ${violation}`),
    `seed ${seed}, ${seconds} s`,
    `requests ${totals.requests}, sessions ${totals.sessions}, events delivered ${totals.events}, ` +
      `resumes ${totals.resumes}, questions answered ${totals.questionsAnswered}, ` +
      `parked calls ${totals.parkedCalls}, cancellations ${totals.cancellations}, sessions ended ${totals.ended}`,
    `calls by ending: ${list(endings)}`,
    `faults: ${list(faults)}`,
    `worst recovery: ${worstRecoveryMs} ms`,
    `violations: ${violations.length}`,
  ].join('\n');
}
