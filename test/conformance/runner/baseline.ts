import { readFile } from 'node:fs/promises';
import type { Revision } from './setups.js';
import type { Baseline } from './verdict.js';

/** The working directory has to be that of the project. */
export async function readBaseline(revision: Revision): Promise<Baseline> {
  const text = await readFile('test/conformance/baseline.json', 'utf8');
  return (JSON.parse(text) as Partial<Record<Revision, Baseline>>)[revision] ?? {};
}
