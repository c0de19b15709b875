import type { RedisConnections } from './redis-connections.js';

/** How long after a lost connection the other instances have to come back, too, and renew what has expired meanwhile. */
const GRACE_MS = 2_000;

/** Signs of life of instances of the server. */
export class InstanceLeases {
  /** Those of this process, to be renewed at once when Redis is back. */
  readonly #own = new Map<string, number>();
  readonly #stop: () => void;

  constructor(private readonly connections: RedisConnections) {
    this.#stop = connections.onReady(() => {
      for (const [instance, ttlMs] of this.#own) this.#sign(instance, ttlMs).catch(() => {});
    });
  }

  async keep(instance: string, ttlMs: number): Promise<void> {
    this.#own.set(instance, ttlMs);
    await this.#sign(instance, ttlMs);
  }

  async isKept(instance: string): Promise<boolean> {
    const key = this.connections.keys.instanceLease(instance);
    const isThere = (await this.connections.run((client) => client.exists(key))) > 0;
    return isThere || this.connections.restoredForMs < GRACE_MS;
  }

  close(): void {
    this.#stop();
    this.#own.clear();
  }

  async #sign(instance: string, ttlMs: number): Promise<void> {
    const key = this.connections.keys.instanceLease(instance);
    await this.connections.run((client) => client.set(key, '1', 'PX', ttlMs));
  }
}
