import type { RedisConnections } from './redis-connections.js';

/** How long an instance that asks is believed to live after its last sign of life. */
const LEASE_MS = 3_000;

/** The sign of life of an instance that asks, given while something is being asked. */
export class AskerLease {
  #timer: NodeJS.Timeout | undefined;
  #signedAt = -Infinity;

  constructor(
    private readonly connections: RedisConnections,
    private readonly asker: string,
  ) {}

  /** Resolves when the sign has been given. */
  async begin(): Promise<void> {
    this.#timer ??= setInterval(() => this.renew(), LEASE_MS / 3).unref();
    if (Date.now() - this.#signedAt > LEASE_MS / 3) await this.#sign();
  }

  renew(): void {
    // One that fails is followed by another, or by an outage that everybody notices.
    if (this.#timer) this.#sign().catch(() => {});
  }

  /** The last sign expires by itself. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #sign(): Promise<void> {
    const key = this.connections.keys.askerLease(this.asker);
    await this.connections.run((client) => client.set(key, '1', 'PX', LEASE_MS));
    this.#signedAt = Date.now();
  }
}
