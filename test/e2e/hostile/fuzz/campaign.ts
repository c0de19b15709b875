import fc from 'fast-check';
import type { Platform } from '../../../support/app.js';
import { hostile } from './hostile-request.js';
import { HostileRun } from './hostile-run.js';
import { steps } from './session-commands.js';
import { SessionRun } from './session-run.js';
import { Tally } from './tally.js';
import { Target } from './target.js';

export interface CampaignOptions {
  /** How many requests to send at least. */
  readonly requests: number;
  readonly seed: number;
  readonly platform?: Platform;
  /** Told now and then how far it is. */
  readonly onProgress?: (tally: Tally) => void;
}

/** Servers that are fuzzed side by side: one alone would mostly wait. */
const LANES = 6;
/** Of so many rounds one is about sessions, the others about single requests. */
const SESSION_SHARE = 5;
const RUNS_PER_ROUND = 25;
const PER_RUN = 100;

/** Fuzzes until enough requests were sent; rejects with a reproduction of the first failure, made small. */
export async function fuzz({
  requests,
  seed,
  platform = 'fastify',
  onProgress,
}: CampaignOptions): Promise<Tally> {
  const tally = new Tally();
  let hasFailed = false;
  const lane = async (number: number) => {
    const target = new Target(platform);
    try {
      for (let round = 0; tally.requests < requests && !hasFailed; round++) {
        // Rounds of all lanes differ in their seed, so that each can be repeated alone.
        const own = seed + number + LANES * round;
        if (own % SESSION_SHARE === 0) await check(sessions(target, tally), own);
        else await check(single(target, tally), own);
        if (number === 0) onProgress?.(tally);
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      await target.close();
    }
    tally.logged += target.logged.filter((line) => !line.startsWith('Tool fail failed')).length;
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  return tally;
}

/** Proper requests that were changed a little. */
function single(target: Target, tally: Tally) {
  // Without its bias for small values, which would make most requests alike.
  const batch = fc.noBias(fc.array(hostile, { minLength: 1, maxLength: PER_RUN, size: 'max' }));
  return fc.asyncProperty(batch, fc.integer({ min: 0, max: 2 }), async (all, pipelined) => {
    await new HostileRun(await target.fresh(), tally, pipelined === 2).run(all);
  });
}

/** Clients of two callers, in sessions and without, one step after another or side by side. */
function sessions(target: Target, tally: Tally) {
  return fc.asyncProperty(fc.noBias(steps), async (all) => {
    await new SessionRun(await target.fresh(), tally).run(all);
  });
}

async function check<T>(property: fc.IAsyncProperty<T>, seed: number): Promise<void> {
  await fc.assert(property, { numRuns: RUNS_PER_ROUND, seed, includeErrorInReport: true });
}
