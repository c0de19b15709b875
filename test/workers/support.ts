import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../samples/support.js';

/** A worker that runs in workerd. */
export interface RunningWorker {
  readonly url: string;
  stop(): Promise<void>;
}

/** Bundles a worker of this folder and runs it, with options of Miniflare. */
export async function serveWorker(file: string, options: object = {}): Promise<RunningWorker> {
  const folder = join(root, 'test/workers');
  const child = spawn(
    process.execPath,
    [join(folder, 'serve.mjs'), join(folder, file), JSON.stringify(options)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`The worker ended with ${code}`)));
  });
  return {
    url,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
