/**
 * `npm run chaos -- --seconds 60 --seed 1 --store redis`: prints what went wrong and what was done; fails if anything went wrong.
 * With `--tasks`, tasks are made instead of calls and sessions.
 */
import { parseArgs } from 'node:util';
import { isStoreName, STORE_NAMES } from '../../support/stores.js';
import { runChaos } from './chaos.js';
import { print } from './report.js';
import { printTasks, runTaskChaos } from './tasks/task-chaos.js';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { seconds: text, seed: text, store: text, tasks: { type: 'boolean' } },
});
const seconds = Number(values.seconds ?? 60);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const { store = 'redis' } = values;
if (!isStoreName(store)) throw new Error(`--store is one of ${STORE_NAMES.join(', ')}`);
process.stdout.write(`${store}, seed ${seed}, ${seconds} s\n`);
const options = { seconds, seed, store, log: (line: string) => void process.stdout.write(`${line}\n`) };
const { text: printed, violations } = values.tasks
  ? await runTaskChaos(options).then((report) => ({ ...report, text: printTasks(report) }))
  : await runChaos(options).then((report) => ({ ...report, text: print(report) }));
process.stdout.write(`${printed}\n`);
process.exit(violations.length > 0 ? 1 : 0);
