import type { Platform } from '../../../support/app.js';
import { startFuzzed, type Fuzzed } from './fixture.js';
import { isQuiet } from './quiet.js';

/** The server that runs are made against: a new one whenever a run left something behind, so that failures shrink. */
export class Target {
  #server: Fuzzed | undefined;
  /** Failures the library logged, over all servers. */
  readonly logged: string[] = [];

  constructor(private readonly platform: Platform) {}

  /** A server that holds nothing. */
  async fresh(): Promise<Fuzzed> {
    if (this.#server && !isQuiet(this.#server)) await this.close();
    return (this.#server ??= await startFuzzed(this.platform));
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    this.logged.push(...server.logged);
    await server.close();
  }
}
