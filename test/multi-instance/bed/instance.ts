import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process that runs the fixture. */
export interface Instance {
  readonly index: number;
  /** Its MCP endpoint: the same after it was started again. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly isRunning: boolean;
  /** The last that it wrote, over all of its lives. */
  readonly output: string;
  /** Resolves when it is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again, on the same port. Resolves when it serves; rejects with its output if it ends instead. */
  start(): Promise<void>;
}

const MAX_OUTPUT = 20_000;

/** One process after another on one port. */
export class InstanceProcess implements Instance {
  readonly url: string;
  output = '';
  /** Set when it ended without having been told to, after it had served. */
  failure: Error | undefined;
  #child: ChildProcess | undefined;
  #isToEnd = false;

  constructor(
    readonly index: number,
    readonly port: number,
    private readonly program: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.url = `http://127.0.0.1:${port}/mcp`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  async start(): Promise<void> {
    if (this.#child) throw new Error(`Instance ${this.index} runs already`);
    this.#isToEnd = false;
    const env = { ...process.env, ...this.env, INSTANCE: String(this.index), PORT: String(this.port) };
    // With a channel between the two, the process notices when this one is gone.
    const child = spawn(process.execPath, [this.program], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on(
        'data',
        (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-MAX_OUTPUT)),
      );
    }
    let isServing = false;
    child.once('message', () => (isServing = true));
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      if (!this.#isToEnd && isServing) this.failure = this.#ended(signal ?? code);
    });
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('close', (code, signal) => reject(this.#ended(signal ?? code)));
      child.once('error', reject);
    });
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#isToEnd = true;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  #ended(how: unknown): Error {
    return new Error(`Instance ${this.index} ended by itself (${String(how)}):\n${this.output}`);
  }
}
