/**
 * `npm test`: every check of the project in turn, cheapest first. Stops at the first one that fails.
 *
 * `npm run test:all` (`--all`) adds what is long or heavy (see `scope.cjs`), then runs the end-to-end and packaging tests
 * on the other supported versions of Node.js, and goes on after a failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const all = process.argv.includes('--all');
const root = join(import.meta.dirname, '..');
const results = mkdtempSync(join(tmpdir(), 'nestjs-mcp-adapters-results-'));
const env = { ...process.env, TEST_RESULTS: results, ...(all && { TEST_SCOPE: 'all' }) };

const versions = all ? otherNodes() : [];
const steps = [
  ...['typecheck', 'lint', 'build', 'jest'].map((name) => ({ name, args: [], env })),
  ...versions.map(({ version, binary }) => ({
    name: `jest`,
    label: `jest: end-to-end and packaging tests on Node.js ${version}`,
    args: ['--', 'test/e2e', 'test/package'],
    env: { ...env, PATH: dirname(binary) + delimiter + process.env.PATH },
  })),
];

let isFailed = false;
for (const [index, { name, label, args, env: environment }] of steps.entries()) {
  const started = Date.now();
  console.log(`[${index + 1}/${steps.length}] ${label ?? name}`);
  const { status, error } = spawnSync('npm', ['run', '--silent', name, ...args], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status === 0) {
    if (name !== 'jest') console.log(`      ok, ${((Date.now() - started) / 1000).toFixed(1)} s`);
    continue;
  }
  isFailed = true;
  if (name === 'jest') continue;
  console.error(`FAILED: ${name}${error ? ` (${error.message})` : ''}. The steps after it did not run.`);
  process.exit(1);
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
