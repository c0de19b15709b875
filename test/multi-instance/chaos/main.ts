/** `npm run chaos -- --seconds 60 --seed 1 --store redis`: prints what went wrong and what was done; fails if anything went wrong. */
import { parseArgs } from 'node:util';
import { isStoreName, STORE_NAMES } from '../../support/stores.js';
import { runChaos } from './chaos.js';
import { print } from './report.js';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { seconds: text, seed: text, store: text } });
const seconds = Number(values.seconds ?? 60);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const { store = 'redis' } = values;
if (!isStoreName(store)) throw new Error(`--store is one of ${STORE_NAMES.join(', ')}`);
process.stdout.write(`${store}, seed ${seed}, ${seconds} s\n`);
const report = await runChaos({ seconds, seed, store, log: (line) => process.stdout.write(`${line}\n`) });
process.stdout.write(`${print(report)}\n`);
process.exit(report.violations.length > 0 ? 1 : 0);
