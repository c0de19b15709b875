import { describe, expect, it } from '@jest/globals';
import { report } from './report.js';
import type { Check, ScenarioResult } from './suite.js';
import { judge } from './verdict.js';

function result(scenario: string, ...statuses: Check['status'][]): ScenarioResult {
  const checks = statuses.map((status) => ({ id: 'looked', status, description: 'Looked at it' }));
  return { scenario, notScored: undefined, checks };
}

function namesOf(results: readonly ScenarioResult[]): string[] {
  return results.map(({ scenario }) => scenario);
}

describe('the verdict on a run of the conformance suite', () => {
  it('tells failures that are known from those that are not', () => {
    const results = [
      result('ping', 'SUCCESS'),
      result('old', 'FAILURE'),
      result('new', 'SUCCESS', 'FAILURE'),
    ];
    const { passed, failed, expected, stale } = judge(results, { old: 'a reason' });
    expect(namesOf(passed)).toEqual(['ping']);
    expect(namesOf(failed)).toEqual(['new']);
    expect(namesOf(expected)).toEqual(['old']);
    expect(stale).toEqual([]);
  });

  it('takes a warning for a failure, and what was skipped for nothing', () => {
    const { passed, failed, skipped } = judge([result('warned', 'WARNING'), result('empty', 'SKIPPED')], {});
    expect(namesOf(passed)).toEqual([]);
    expect(namesOf(failed)).toEqual(['warned']);
    expect(namesOf(skipped)).toEqual(['empty']);
  });

  it('finds entries of the baseline that do not fail or do not exist', () => {
    const baseline = { ping: 'a reason', gone: 'a reason' };
    expect(judge([result('ping', 'SUCCESS')], baseline).stale).toEqual(['ping', 'gone']);
  });
});

it('is reported line by line', () => {
  const results = [result('ping', 'SUCCESS'), result('old', 'FAILURE'), result('new', 'SUCCESS', 'FAILURE')];
  const baseline = { old: 'a reason', gone: 'a reason' };
  expect(report(results, judge(results, baseline), baseline)).toEqual([
    '  ok    ping, 1 of 1 checks',
    '  known old, 0 of 1 checks: a reason',
    '  FAIL  new, 1 of 2 checks',
    '        failure looked: Looked at it',
    '  STALE gone: does not fail, take it out of baseline.json',
    '  total: 1 of 3 required, 0 of 0 others; 1 failed, 1 known failures, 0 skipped',
  ]);
});
