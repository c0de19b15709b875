import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBaseline } from './runner/baseline.js';
import { START_TIMEOUT_MS } from './runner/fixture-process.js';
import { Fixture } from './runner/fixture.js';
import { report } from './runner/report.js';
import { REVISIONS, SETUPS } from './runner/setups.js';
import { runSuite } from './runner/suite.js';
import { judge } from './runner/verdict.js';

/** Scenarios of the tasks extension that can be checked. */
const TASKS = { '2025-11-25': 0, '2026-07-28': 9 };

const REQUIRED = { '2025-11-25': 30, '2026-07-28': 37 };

/** One in memory and one on a store; all of them in `npm run test:all`. */
const setups =
  process.env['TEST_SCOPE'] === 'all'
    ? SETUPS
    : SETUPS.filter(({ name }) => ['express, in memory', 'fastify, two instances on redis'].includes(name));

describe.each(setups)('the conformance suite on $name', (setup) => {
  let fixture: Fixture;

  beforeAll(async () => {
    fixture = await Fixture.start(setup);
  }, setup.instances * START_TIMEOUT_MS);

  afterAll(() => fixture?.stop());

  it.each(REVISIONS)(
    'passes for %s',
    async (revision) => {
      const results = await runSuite(fixture.url, revision);
      const baseline = await readBaseline(revision);
      const verdict = judge(results, baseline);

      const lines = report(results, verdict, baseline);
      expect(lines.filter((line) => /FAIL|STALE/.test(line))).toEqual([]);
      expect(results.filter(({ notScored }) => notScored === undefined)).toHaveLength(REQUIRED[revision]);
      const tasks = results.filter(
        ({ scenario, checks }) =>
          scenario.startsWith('tasks-') && checks.some(({ status }) => status === 'SUCCESS'),
      );
      expect(tasks).toHaveLength(TASKS[revision]);
    },
    180_000,
  );
});

describe('the baseline', () => {
  it.each(REVISIONS)('holds nothing for %s', async (revision) => {
    expect(await readBaseline(revision)).toEqual({});
  });
});
