import { describe, expect, it } from '@jest/globals';
import { STORE_NAMES } from '../../../support/stores.js';
import { printTasks, runTaskChaos } from './task-chaos.js';

const SECONDS = process.env['TEST_SCOPE'] === 'all' ? 60 : 20;

/** Another one each time, unless told: a failure names it. */
const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1_000_000));

describe.each(STORE_NAMES)(
  `${SECONDS} s of tasks while instances and %s break, with seed ${seed}`,
  (store) => {
    it(
      'end once each, with every answer heard, and no step repeated that may not be',
      async () => {
        const faults: string[] = [];
        const report = await runTaskChaos({
          seconds: SECONDS,
          seed,
          store,
          log: (line) => faults.push(line),
        });
        process.stdout.write(`${printTasks(report)}\n`);
        expect({ violations: report.violations, seed, faults }).toEqual({ violations: [], seed, faults });
        expect(report.ends['completed']).toBeGreaterThan(0);
        expect(report.questions).toBeGreaterThan(0);
      },
      (SECONDS + 240) * 1_000,
    );
  },
);
