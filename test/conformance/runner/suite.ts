import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { environment } from './fixture-process.js';
import type { Revision } from './setups.js';

/** One thing that a scenario looked at. */
export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly description: string;
  readonly errorMessage?: string;
}

export interface ScenarioResult {
  readonly scenario: string;
  /** Why it does not count for the revision; `undefined` where it does. */
  readonly notScored: string | undefined;
  readonly checks: readonly Check[];
}

const suite = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/dist/index.js');
const preload = pathToFileURL(resolve('test/conformance/runner/glob-sync.mjs')).href;

/** Runs every scenario that the suite has for the revision, and those it does not score. */
export async function runSuite(url: string, revision: Revision): Promise<ScenarioResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const options = ['--url', url, '--requirements', revision, '--output-dir', folder];
    const output = await run(['--import', preload, suite, 'server', ...options]);
    const checks = await readChecks(folder);
    const results = readSummary(output).map((result) => ({
      ...result,
      checks: checks.get(result.scenario) ?? [unreported(result.scenario)],
    }));
    if (results.length === 0) throw new Error(`The suite ran nothing:\n${output}`);
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}

/** The names are in the summary that the suite ends with, first all of them, then those that are not scored. */
function readSummary(output: string): Omit<ScenarioResult, 'checks'>[] {
  const summary = output.slice(output.lastIndexOf('=== SUMMARY ==='));
  const reasons = new Map<string, string>();
  for (const [, scenario = '', reason = ''] of summary.matchAll(/^ {2}[✓✗] (\S+) \((.+)\)$/gmu)) {
    reasons.set(scenario, reason);
  }
  return [...summary.matchAll(/^[✓✗] (\S+): \d+ passed/gmu)].map(([, scenario = '']) => ({
    scenario,
    notScored: reasons.get(scenario),
  }));
}

/** By scenario. The suite makes a folder for each, named after it and the time. */
async function readChecks(folder: string): Promise<Map<string, Check[]>> {
  const checks = new Map<string, Check[]>();
  for (const name of await readdir(folder)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT/.exec(name)?.[1];
    const file = join(folder, name, 'checks.json');
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (scenario !== undefined && text !== undefined) checks.set(scenario, JSON.parse(text) as Check[]);
  }
  return checks;
}

function unreported(scenario: string): Check {
  return { id: scenario, status: 'FAILURE', description: 'The scenario broke off' };
}
