import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, '..', 'main.js');

/** A place for one process of the application, which is started again when it dies. */
export class Instance {
  readonly url: string;
  #child: ChildProcess;
  #isStopping = false;

  constructor(
    readonly number: number,
    private readonly port: number,
  ) {
    this.url = `http://127.0.0.1:${port}/mcp`;
    this.#child = this.#start();
  }

  /** Resolves when it can serve. Rejects if it ended before. */
  async ready(): Promise<void> {
    const { pid } = this.#child;
    while (!(await this.#isReady())) {
      if (this.#child.pid !== pid) throw new Error(`Instance ${this.number} does not start`);
      await delay(50);
    }
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  #start(): ChildProcess {
    const child = spawn(process.execPath, [MAIN], {
      env: { ...process.env, PORT: String(this.port), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      // In a process group of its own: Ctrl+C reaches only us, who end it in order.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => console.error(`[${this.number}] ${line}`));
    }
    child.once('exit', (code, signal) => {
      if (this.#isStopping) return;
      console.error(`[${this.number}] has ended: ${signal ?? code}`);
      this.#child = this.#start();
    });
    return child;
  }

  #isReady(): Promise<boolean> {
    return fetch(new URL('/health/ready', this.url)).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
