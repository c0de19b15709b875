import { describe, expect, it } from '@jest/globals';
import { STORE_NAMES } from '../../support/stores.js';
import { runChaos } from './chaos.js';
import { print } from './report.js';

const SECONDS = process.env['TEST_SCOPE'] === 'all' ? 60 : 12;

/** Another one each time, unless told: a failure names it. */
const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1_000_000));

describe.each(STORE_NAMES)(`${SECONDS} s in which instances and %s break, with seed ${seed}`, (store) => {
  it(
    'pass without anything lost, doubled, mixed up, hung or left behind',
    async () => {
      const faults: string[] = [];
      const report = await runChaos({ seconds: SECONDS, seed, store, log: (line) => faults.push(line) });
      process.stdout.write(`${print(report)}\n`);
      expect({ violations: report.violations, seed, faults }).toEqual({ violations: [], seed, faults });
      expect(report.totals.events).toBeGreaterThan(0);
      expect(report.totals.resumes).toBeGreaterThan(0);
      expect(report.totals.parkedCalls).toBeGreaterThan(0);
    },
    (SECONDS + 180) * 1_000,
  );
});
