import { clearInterval, setInterval } from 'node:timers';
import { buildSamples } from './build.mjs';

/** Builds what is not up to date, then runs a compiled program in this process. `program` is a path below dist/. */
export async function run(program) {
  if (process.env.npm_lifecycle_event !== undefined) stopWithParent();
  try {
    await buildSamples();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
  await import(`../dist/${program}`);
}

/** npm passes a signal on to the shell it started, but not every shell passes it on to us. */
function stopWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}
