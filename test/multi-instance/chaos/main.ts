/** `npm run chaos -- --seconds 60 --seed 1`: prints what went wrong and what was done; fails if anything went wrong. */
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.js';
import { print } from './report.js';

const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const seconds = Number(values.seconds ?? 60);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
process.stdout.write(`seed ${seed}, ${seconds} s\n`);
const report = await runChaos({ seconds, seed, log: (line) => process.stdout.write(`${line}\n`) });
process.stdout.write(`${print(report)}\n`);
process.exit(report.violations.length > 0 ? 1 : 0);
