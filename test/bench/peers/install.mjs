import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;

/** Installs the peers where that has not been done, by their own lockfile. */
export function installPeers() {
  const [wanted, present] = ['package-lock.json', 'node_modules/.package-lock.json'].map((path) =>
    join(folder, path),
  );
  if (existsSync(present) && isSame(wanted, present)) return;
  console.error('Installing the peers ...');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('npm ci failed in test/bench/peers');
}

/** npm's own note of what is installed holds the packages of the lockfile that this platform needs. */
function isSame(wanted, present) {
  const [lock, note] = [wanted, present].map((path) => JSON.parse(readFileSync(path, 'utf8')).packages);
  return Object.entries(lock).every(
    ([path, { version, optional }]) => path === '' || optional || note[path]?.version === version,
  );
}
