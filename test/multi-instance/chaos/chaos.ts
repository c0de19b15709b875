import { setMaxListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startStore, type StoreName } from '../../support/stores.js';
import { takeViolations } from '../../support/wire.js';
import { startBed, type Bed } from '../bed/bed.js';
import { Ledger } from '../fixture/chaos/ledger.js';
import { Totals } from './clients/world.js';
import { crowd } from './crowd.js';
import { leave, settle } from './ending.js';
import { Faults, isPossible } from './faults.js';
import { History } from './history/history.js';
import { Keys } from './keys.js';
import { planFaults } from './plan/plan.js';
import { Random } from './plan/random.js';
import { reportOf, type Report } from './report.js';
import { environment, LIFETIMES } from './settings.js';

const PROGRAM = { program: 'chaos/main' } as const;
const INSTANCES = 3;

/** The last instance is one of the other platform. */
const PLATFORMS = ['express', 'express', 'fastify'] as const;
const LOOK_AT_KEYS_MS = 2_000;

export interface ChaosOptions {
  readonly seconds: number;
  readonly seed: number;
  /** @default that of the tests */
  readonly store?: StoreName;
  /** Hears of each fault as it happens. */
  readonly log?: (line: string) => void;
}

/** Lets clients use some instances while these and their store break, and tells what went wrong. */
export async function runChaos(options: ChaosOptions): Promise<Report> {
  const directory = await mkdtemp(join(tmpdir(), 'chaos-'));
  const store = await startStore(options.store);
  try {
    const ledger = join(directory, 'ledger');
    await writeFile(ledger, '');
    const bed = await startBed({
      ...PROGRAM,
      instances: INSTANCES,
      platforms: PLATFORMS,
      store,
      env: environment(ledger),
    });
    return await runOn(bed, ledger, options).finally(() => bed.close().catch(() => {}));
  } finally {
    await store.dispose();
    await rm(directory, { recursive: true, force: true });
  }
}

async function runOn(
  bed: Bed,
  path: string,
  { seconds, seed, log = () => {} }: ChaosOptions,
): Promise<Report> {
  const { store, url } = bed;
  const history = new History();
  const totals = new Totals();
  const ledger = new Ledger(path);
  const keys = new Keys(store, LIFETIMES);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const clients = crowd({ url, history, totals, stop: stop.signal }, new Random(seed));
  const faults = new Faults(bed, history.outages, (line) =>
    log(`${((Date.now() - history.beganAt) / 1_000).toFixed(1)} s: ${line}`),
  );
  const found: string[] = [];

  try {
    const working = Promise.all(clients.map((client) => client.work()));
    const watching = watch(keys, stop.signal, found);
    const plan = planFaults(seed, INSTANCES, (kind) => isPossible(kind, store));
    const breaking = faults.carryOut(plan, AbortSignal.timeout(seconds * 1_000));
    await Promise.race([breaking, failed(working)]);
    stop.abort();
    log('nothing breaks any more');
    await Promise.all([working, watching]);
    await settle(history, ledger);

    const last = await startBed({ ...PROGRAM, instances: 1, store, env: environment(path, true) });
    found.push(...(await leave(clients, { url, lastUrl: last.url, keys })));
    for (const each of [last, bed])
      await each.close().catch(({ message }: Error) => found.push(`crashed: ${message}`));
    found.push(...takeViolations().map((line) => `against the specification: ${line}`));
    const done = { seed, seconds, totals, faults: faults.counts };
    const report = reportOf(history, ledger.read(), found, done);
    // The logs of the instances are worth reading only then.
    if (report.violations.length > 0)
      for (const { index, output } of bed.instances) log(`instance ${index} wrote:\n${output}`);
    return report;
  } finally {
    stop.abort();
  }
}

/** Looks at the keys again and again. */
async function watch(keys: Keys, stop: AbortSignal, found: string[]): Promise<void> {
  while (!stop.aborted) {
    // It may be away.
    found.push(...(await keys.problems().catch(() => [])));
    await delay(LOOK_AT_KEYS_MS, undefined, { signal: stop }).catch(() => {});
  }
}

/** Only settles if the work fails. */
function failed(working: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => void working.catch(reject));
}
