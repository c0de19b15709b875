import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../samples/support.js';

/** Workers that run in workerd. */
export interface RunningWorker {
  readonly url: string;
  stop(): Promise<void>;
}

/** Options of Miniflare for a worker, with a file of this folder in the place of a script. */
export interface WorkerFile {
  readonly file: string;
  readonly name?: string;
  readonly [option: string]: unknown;
}

/** Bundles workers of this folder and runs them together; the first of them is asked. */
export async function serveWorkers(
  workers: readonly WorkerFile[],
  options: object = {},
): Promise<RunningWorker> {
  const folder = join(root, 'test/workers');
  const given = workers.map(({ file, ...worker }) => ({ ...worker, file: join(folder, file) }));
  const child = spawn(
    process.execPath,
    [join(folder, 'serve.mjs'), JSON.stringify(given), JSON.stringify(options)],
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
