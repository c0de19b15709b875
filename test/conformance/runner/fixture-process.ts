import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Longer than compiling takes. */
export const START_TIMEOUT_MS = 120_000;

/** The fixture in a process of its own. */
export class FixtureProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Starts it on a free port. The working directory has to be that of the project. */
  static async start(env: Readonly<Record<string, string>>): Promise<FixtureProcess> {
    const child = spawn(process.execPath, ['test/conformance/start.mjs'], {
      env: { ...environment(), ...env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new FixtureProcess(child, await readUrl(child));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'close');
    this.child.kill();
    await ended;
  }
}

/** Without what jest set for this process. */
export function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_ENV: __, FORCE_COLOR: ___, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1' };
}

function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The fixture did not start in time:\n${output}`));
    }, START_TIMEOUT_MS);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const url = /listening on (\S+)\n/.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`The fixture ended with ${code ?? signal}:\n${output}`));
    });
  });
}
