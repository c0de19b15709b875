import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** Walks of which the cheapest counts: the others may have met a sign of life. */
const WALKS = 10;

/** Time in which commands that are not awaited are sent. */
const SETTLE_MS = 200;

/** Counts the commands that a Redis is sent, but not those that its scripts carry out. */
export class CommandCounter {
  #count = 0;

  private constructor(private readonly socket: Socket) {
    createInterface(socket).on('line', (line) => {
      if (/^\+[\d.]+ \[\d+ (?!lua\])/.test(line)) this.#count++;
    });
  }

  static async start(port: number): Promise<CommandCounter> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('MONITOR\r\n');
    return new CommandCounter(socket);
  }

  async leastOf(walk: () => Promise<unknown>): Promise<number> {
    let least = Infinity;
    for (let each = 0; each < WALKS; each++) {
      await delay(SETTLE_MS);
      const before = this.#count;
      await walk();
      await delay(SETTLE_MS);
      least = Math.min(least, this.#count - before);
    }
    return least;
  }

  stop(): void {
    this.socket.destroy();
  }
}
