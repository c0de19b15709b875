import type { Check, ScenarioResult } from './suite.js';

/** The scenarios that may fail, and why. */
export type Baseline = Readonly<Record<string, string>>;

export interface Verdict {
  readonly passed: readonly ScenarioResult[];
  /** Those that looked at nothing. */
  readonly skipped: readonly ScenarioResult[];
  /** Failures that the baseline does not have. */
  readonly failed: readonly ScenarioResult[];
  /** Failures that it has. */
  readonly expected: readonly ScenarioResult[];
  /** Entries of the baseline that do not fail, or do not exist. */
  readonly stale: readonly string[];
}

export function judge(results: readonly ScenarioResult[], baseline: Baseline): Verdict {
  const failures = results.filter(isFailure);
  const isKnown = ({ scenario }: ScenarioResult) => Object.hasOwn(baseline, scenario);
  return {
    passed: results.filter((result) => !isFailure(result) && !isSkipped(result)),
    skipped: results.filter(isSkipped),
    failed: failures.filter((result) => !isKnown(result)),
    expected: failures.filter(isKnown),
    stale: Object.keys(baseline).filter((name) => !failures.some(({ scenario }) => scenario === name)),
  };
}

/** Faults of a scenario. A warning is what the protocol only recommends; it fails a scenario here too. */
export function complaintsOf({ checks }: ScenarioResult): Check[] {
  return checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
}

function isFailure(result: ScenarioResult): boolean {
  return complaintsOf(result).length > 0;
}

function isSkipped({ checks }: ScenarioResult): boolean {
  return checks.every(({ status }) => status === 'SKIPPED');
}
