import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, '..', 'main.js');

/** One process of the application. */
export class Instance {
  readonly #child: ChildProcess;
  /** Resolves when the process is over, however that came. */
  readonly ended: Promise<unknown>;
  /** Where it listens; empty until it does. */
  url = '';

  constructor(
    readonly number: number,
    env: NodeJS.ProcessEnv,
  ) {
    this.#child = spawn(process.execPath, [MAIN], {
      env: { ...process.env, ...env, PORT: '0', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => this.#read(line));
    }
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it says that it can serve, which is what a readiness probe waits for. */
  async ready(): Promise<void> {
    while (!(await this.#isReady())) {
      if (!this.isRunning) throw new Error(`Instance ${this.number} ended before it was ready`);
      await delay(50);
    }
  }

  /** Sends the signal and waits for the end. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.ended;
  }

  async #isReady(): Promise<boolean> {
    if (this.url === '') return false;
    return fetch(new URL('/health/ready', this.url)).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  #read(line: string): void {
    this.url ||= /MCP server at (\S+)/.exec(line)?.[1] ?? '';
    console.error(`[${this.number}] ${line}`);
  }
}
