import type { ScenarioResult } from './suite.js';
import { complaintsOf, type Baseline, type Verdict } from './verdict.js';

/** One line per scenario, more where it fails and should not, and the total. */
export function report(
  results: readonly ScenarioResult[],
  verdict: Verdict,
  baseline: Baseline,
): readonly string[] {
  return [
    ...results.flatMap((result) => {
      if (verdict.failed.includes(result)) return [line('FAIL', result), ...complaintLines(result)];
      if (verdict.expected.includes(result))
        return [`${line('known', result)}: ${baseline[result.scenario] ?? ''}`];
      return [line(verdict.skipped.includes(result) ? 'skip' : 'ok', result)];
    }),
    ...verdict.stale.map((name) => `  STALE ${name}: does not fail, take it out of baseline.json`),
    total(results, verdict),
  ];
}

function line(word: string, result: ScenarioResult): string {
  const { scenario, notScored, checks } = result;
  const passed = checks.filter(({ status }) => status === 'SUCCESS').length;
  const remark = notScored === undefined ? '' : ` (not scored: ${notScored})`;
  return `  ${word.padEnd(5)} ${scenario}, ${passed} of ${passed + complaintsOf(result).length} checks${remark}`;
}

function complaintLines(result: ScenarioResult): string[] {
  return complaintsOf(result).map(
    ({ id, status, description, errorMessage }) =>
      `        ${status.toLowerCase()} ${id}: ${errorMessage ?? description}`,
  );
}

function total(results: readonly ScenarioResult[], verdict: Verdict): string {
  const { passed, skipped, failed, expected } = verdict;
  const count = (which: readonly ScenarioResult[], isScored: boolean) =>
    which.filter(({ notScored }) => (notScored === undefined) === isScored).length;
  const scored = `${count(passed, true)} of ${count(results, true)} required`;
  const others = `${count(passed, false)} of ${count(results, false)} others`;
  const rest = `${failed.length} failed, ${expected.length} known failures, ${skipped.length} skipped`;
  return `  total: ${scored}, ${others}; ${rest}`;
}
