import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Installs a folder of `test/` that has a package.json and a lockfile of its own, so that what only one test needs is no part
 * of the main install. Does nothing if what the lockfile says is there already.
 */
export async function installIn(folder: string): Promise<void> {
  if (isInstalled(folder)) return;
  const args = ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', args, { cwd: folder, timeout: 230_000 });
}

/** npm leaves a lockfile of its own beside what it has installed, last of all. */
function isInstalled(folder: string): boolean {
  try {
    const done = statSync(join(folder, 'node_modules', '.package-lock.json')).mtimeMs;
    return done >= statSync(join(folder, 'package-lock.json')).mtimeMs;
  } catch {
    return false;
  }
}
