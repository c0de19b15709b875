import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { fuzz } from './fuzz/campaign.js';
import { until } from './fuzz/quiet.js';

const REQUESTS = process.env['TEST_SCOPE'] === 'all' ? 200_000 : 8_000;
/** A minute or so where nothing else runs; far more where much does. */
const PATIENCE_MS = 20 * 60_000;

/** Handles that keep the process alive, without those of the runner. */
const resources = () =>
  process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|FS|Message)/.test(name)).length;

let written: ReturnType<typeof watchStdout>;
const watchStdout = () => jest.spyOn(process.stdout, 'write');
beforeEach(() => {
  written = watchStdout();
});
afterEach(() => written.mockRestore());

it(
  'clients of two callers who send whatever they like, in sessions and without, learn and break nothing',
  async () => {
    const before = resources();
    const seed = Date.now() % 1_000_000_000;
    const tally = await fuzz({ requests: REQUESTS, seed });
    expect(written).not.toHaveBeenCalled();
    written.mockRestore();
    process.stdout.write(
      `fuzz: ${tally.requests} requests, ${tally.perSecond}/s, seed ${seed}\nanswers by status: ${tally.statuses}\n`,
    );
    expect(tally.requests).toBeGreaterThanOrEqual(REQUESTS);
    expect(tally.logged).toBe(0);
    await until(
      () => resources() <= before,
      () => `what is open to close: ${process.getActiveResourcesInfo().join()}`,
    );
  },
  PATIENCE_MS,
);
