import { existsSync, readFileSync } from 'node:fs';

/** Waits until processes that were sent SIGSTOP stand still: until then they go on with their work. Known on Linux only. */
export function untilStopped(pids: readonly number[]): void {
  while (!pids.every(isStopped));
}

function isStopped(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return !existsSync(file) || /^\d+ \(.*\) [TZX]/.test(readFileSync(file, 'utf8'));
}
