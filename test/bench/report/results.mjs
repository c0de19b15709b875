/** Results, one workload at a time, so that a run can be gone on with or repeated in part. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const file = join(import.meta.dirname, '../../../node_modules/.cache/bench/results.json');

export function readResults() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

export function saveResult(workload, result) {
  mkdirSync(dirname(file), { recursive: true });
  const all = { ...readResults(), [workload]: { ...result, at: new Date().toISOString() } };
  writeFileSync(file, JSON.stringify(all, null, 2));
}
