/**
 * `npm test`: every check of the project, side by side where one needs nothing of another, then the tests unless a check
 * has failed.
 *
 * `npm run test:all` (`--all`) adds what is long or heavy (see `scope.cjs`), then runs the end-to-end and packaging tests
 * on the other supported versions of Node.js, and goes on after a failure.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const all = process.argv.includes('--all');
const root = join(import.meta.dirname, '..');
const results = mkdtempSync(join(tmpdir(), 'nestjs-mcp-adapters-results-'));
const env = { ...process.env, TEST_RESULTS: results, ...(all && { TEST_SCOPE: 'all' }) };

const versions = all ? otherNodes() : [];
const checks = [['lint'], ['typecheck', 'build']];
const runs = [
  { label: 'jest', args: [], env },
  ...versions.map(({ version, binary }) => ({
    label: `jest: end-to-end and packaging tests on Node.js ${version}`,
    args: ['--', 'test/e2e', 'test/package'],
    env: { ...env, PATH: dirname(binary) + delimiter + process.env.PATH },
  })),
];

const verdicts = await Promise.all(checks.map(checkInTurn));
if (verdicts.includes(false)) {
  console.error('The tests did not run.');
  process.exit(1);
}

let isFailed = false;
for (const { label, args, env: environment } of runs) {
  console.log(label);
  isFailed = !(await runScript('jest', { args, env: environment, stdio: 'inherit' })).isPassed || isFailed;
}

const totals = readdirSync(results)
  .map((file) => JSON.parse(readFileSync(join(results, file), 'utf8')))
  .reduce(
    (sum, run) => ({
      passed: sum.passed + run.passed,
      failed: sum.failed + run.failed,
      skipped: sum.skipped + run.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
rmSync(results, { recursive: true, force: true });
console.log(
  `${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`,
);
process.exit(isFailed ? 1 : 0);

/** Runs checks one after the other, each reported as a whole when it is over; `false` after the first that fails. */
async function checkInTurn(names) {
  for (const name of names) {
    const started = Date.now();
    const { isPassed, output } = await runScript(name, { args: [], env, stdio: 'pipe' });
    process.stdout.write(output);
    console.log(`${isPassed ? 'ok' : 'FAILED'}: ${name}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
    if (!isPassed) return false;
  }
  return true;
}

/** Runs a script of package.json to its end; its output is empty if it has been written already. */
function runScript(name, { args, env, stdio }) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', name, ...args], {
      cwd: root,
      env,
      stdio: ['ignore', stdio, stdio],
      shell: process.platform === 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ isPassed: code === 0, output }));
  });
}

/** Installs the binaries of `test/node-versions` and says where they are. */
function otherNodes() {
  const folder = join(root, 'test/node-versions');
  const install = spawnSync(
    'npm',
    ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: folder,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
  if (install.status !== 0) throw new Error('npm ci failed in test/node-versions');
  return ['node-22', 'node-24'].map((name) => {
    const binary = join(folder, 'node_modules', name, 'bin/node');
    const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
    if (!stdout) throw new Error(`${binary} does not run`);
    return { version: stdout.trim(), binary };
  });
}
