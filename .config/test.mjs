/** `npm test`: every check of the project in turn, cheapest first. Stops at the first one that fails. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const steps = ['typecheck', 'lint', 'build', 'jest'];

for (const [index, step] of steps.entries()) {
  const started = Date.now();
  console.log(`[${index + 1}/${steps.length}] ${step}`);
  const { status, error } = spawnSync('npm', ['run', '--silent', step], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status === 0) {
    if (step !== 'jest') console.log(`      ok, ${((Date.now() - started) / 1000).toFixed(1)} s`);
    continue;
  }
  // The line of the test run itself must stay the last one.
  if (step !== 'jest')
    console.error(`FAILED: ${step}${error ? ` (${error.message})` : ''}. The steps after it did not run.`);
  process.exit(status ?? 1);
}
