import type { RedisStoreOptions } from './redis-store-options.interface.js';

/** Logs the beginning and the end of an outage, once each, however many connections and attempts there are. */
export class OutageLog {
  readonly #down = new Set<object>();

  constructor(private readonly logger: NonNullable<RedisStoreOptions['logger']>) {}

  lost(connection: object, reason: string): void {
    if (this.#down.size === 0) this.logger.warn(`Redis cannot be reached (${reason}); trying again`);
    this.#down.add(connection);
  }

  /** Returns `true` if the connection was lost before. */
  restored(connection: object): boolean {
    const wasDown = this.#down.delete(connection);
    if (wasDown && this.#down.size === 0) this.logger.log('Redis can be reached again');
    return wasDown;
  }

  /** The connection is not wanted any more. */
  forget(connection: object): void {
    this.#down.delete(connection);
  }
}
