import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Installs a package of the system, where that is allowed and one of its programs is not on the PATH. One process at a time:
 * tests run side by side, and apt refuses the second one.
 */
export function installPackage(name: string, program = name): void {
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return;
  const install = `command -v ${program} || { apt-get update; apt-get install -y --no-install-recommends ${name}; }`;
  spawnSync('flock', [join(tmpdir(), 'mcp-test-packages.lock'), 'sh', '-c', install], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
