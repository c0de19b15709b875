/** `npm start [-- name]`: runs the sample whose folder begins with the name, by default the first. */
import { readdirSync } from 'node:fs';
import { run } from './run.mjs';

const wanted = process.argv[2] ?? '01';
const samples = readdirSync(import.meta.dirname).filter((name) => /^\d\d-/.test(name));
const sample = samples.find((name) => name.startsWith(wanted));

if (sample === undefined) {
  console.error(`There is no sample "${wanted}"; there are: ${samples.join(', ')}`);
  process.exit(1);
}
await run(`sample/${sample}/main.js`);
