/**
 * `npm start [name] [program]`: runs the sample whose folder begins with the name, by default the first; of it the
 * program of that name, by default `start`, or `main` where there is no such file. `--stdio` is short for the program `stdio`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

const names = process.argv.slice(2).filter((argument) => argument !== '--stdio');
const isStdio = names.length < process.argv.length - 2;
const wanted = names[0] ?? '01';
const samples = readdirSync(import.meta.dirname).filter((name) => /^\d\d-/.test(name));
const sample = samples.find((name) => name.startsWith(wanted));

if (sample === undefined) {
  console.error(`There is no sample "${wanted}"; there are: ${samples.join(', ')}`);
  process.exit(1);
}
const has = (program) => existsSync(join(import.meta.dirname, sample, `${program}.ts`));
const program = names[1] ?? (isStdio ? 'stdio' : has('start') ? 'start' : 'main');
if (!has(program)) {
  console.error(`The sample ${sample} has no program "${program}"`);
  process.exit(1);
}
await run(`sample/${sample}/${program}.js`);
