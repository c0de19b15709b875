import type { RedisClient } from './redis.clients.js';

type Argument = string | number;

/** How much earlier than its time a timer of Node may ring. */
const EARLY_MS = 1;

/**
 * Begins every script. The last argument is its deadline: by then the sender has given up, and may have reported a failure.
 * So nothing is done after the deadline, by the clock of the server.
 */
const IN_TIME = `
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
if clock >= tonumber(table.remove(ARGV)) then return redis.error_reply('LATE ' .. string.format('%.0f', clock)) end
`;

/**
 * A script with its keys, arguments and reply. Every file of `scripts/` defines one; the block above it names each of
 * KEYS and ARGV and what is returned.
 */
export class RedisScript<K extends readonly string[], A extends readonly Argument[], R> {
  constructor(
    readonly name: string,
    readonly numberOfKeys: K['length'],
    readonly lua: string,
  ) {}

  /** Makes the script known to a client. It is loaded with its first call on a connection, in the same round trip. */
  define(client: RedisClient): void {
    client.defineCommand(this.name, { numberOfKeys: this.numberOfKeys, lua: IN_TIME + this.lua });
  }

  /** Resolves with the reply. `until` is when it is given up, in milliseconds of the server's clock. */
  run(client: RedisClient, until: number, keys: Readonly<K>, args: Readonly<A>): Promise<R> {
    const commands = client as unknown as Record<string, (...given: readonly Argument[]) => Promise<R>>;
    return commands[this.name]!(...keys, ...args, Math.floor(until) - EARLY_MS);
  }
}
