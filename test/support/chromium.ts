import { spawnSync } from 'node:child_process';
import { installPackage } from './system-package.js';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser of the system; installed as a package of it where that is allowed. */
export function provideChromium(): string {
  const found = findChromium();
  if (found !== undefined) return found;
  installPackage('chromium');
  const installed = findChromium();
  if (installed !== undefined) return installed;
  throw new Error('This test needs Chromium on the PATH; on Debian: apt-get install chromium');
}

function findChromium(): string | undefined {
  const { stdout } = spawnSync('which', PROGRAMS, { encoding: 'utf8' });
  return stdout.split('\n').find((path) => path !== '');
}
