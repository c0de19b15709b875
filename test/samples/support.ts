import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

/** Timeout of `startProgram` for its URL, since it may have to compile first. */
export const START_TIMEOUT_MS = 120_000;

/** A server in a process of its own. */
export interface RunningProgram {
  /** URL of the MCP endpoint. */
  readonly url: string;
  /** Standard output of the program so far, without colours. */
  output(): string;
  /** Sends the signal and waits for the end; returns the exit code, or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** Starts a sample on a free port, as `npm start -- <name>` does. */
export function startSample(name: string, env: Record<string, string> = {}): Promise<RunningProgram> {
  return startProgram(['sample/start.mjs', name], env);
}

/** Starts a program of the project on a free port and waits until it names its URL. */
export async function startProgram(
  args: string[],
  env: Record<string, string> = {},
): Promise<RunningProgram> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...environment(), PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  let output = '';
  const url = await readUrl(child, (text) => (output += text));
  return {
    url,
    output: () => output,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs the program `client` of a sample to its end, and returns what it printed. */
export async function runSampleClient(name: string, env: Record<string, string>): Promise<string> {
  const client = spawn(process.execPath, ['sample/start.mjs', name, 'client'], {
    cwd: root,
    env: { ...environment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: START_TIMEOUT_MS,
  });
  let output = '';
  let errors = '';
  client.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  client.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(client, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The client ended with ${code}:\n${output}${errors}`);
  return output;
}

/** Without what jest, or npm around it, set for this process. */
export function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_ENV: __, FORCE_COLOR: ___, npm_lifecycle_event: ____, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1' };
}

function readUrl(child: ChildProcess, keep: (text: string) => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error('The program named no URL in time'));
    }, START_TIMEOUT_MS - 5_000);
    let text = '';
    let errors = '';
    const read = (chunk: Buffer) => {
      text = keep(chunk.toString());
      const url = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(text)?.[0];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      reject(
        new Error(`The program ended with ${code ?? signal} before it named its URL:\n${text}${errors}`),
      );
    });
  });
}
