import type { RedisClient } from './redis.clients.js';

type Argument = string | number;

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
    client.defineCommand(this.name, { numberOfKeys: this.numberOfKeys, lua: this.lua });
  }

  run(client: RedisClient, keys: Readonly<K>, args: Readonly<A>): Promise<R> {
    const commands = client as unknown as Record<string, (...given: readonly Argument[]) => Promise<R>>;
    return commands[this.name]!(...keys, ...args);
  }
}
