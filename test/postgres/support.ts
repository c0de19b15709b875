import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { PostgresStore } from '../../lib/adapters/postgres/postgres-store.js';
import type { PostgresStoreOptions } from '../../lib/adapters/postgres/postgres-store-options.interface.js';
import type { AppendedEntry, Bell, Store, StoreKey } from '../../lib/adapters/store.js';

export { until } from '../support/until.js';

export const LOGGED: StoreKey = { scope: 'scope', name: 'logged', hasLog: true };
const WIDE = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024, ifFull: 'drop' } as const;

/** Lines that a store logs. */
export class Lines {
  readonly lines: string[] = [];
  log = (line: string) => void this.lines.push(`log ${line}`);
  warn = (line: string) => void this.lines.push(`warn ${line}`);
}

let schemas = 0;

/** Opens stores of one schema, and closes them all. */
export class Instances {
  readonly schema = `instances_${++schemas}`;
  readonly #opened: PostgresStore[] = [];

  async open(options: PostgresStoreOptions): Promise<PostgresStore> {
    const store = new PostgresStore({ schema: this.schema, migrate: true, logger: new Lines(), ...options });
    this.#opened.push(store);
    await store.open();
    return store;
  }

  async close(): Promise<void> {
    for (const store of this.#opened) await store.close();
  }
}

export async function begin(store: Store, key = LOGGED): Promise<void> {
  await store.write(key, { field: 'value' }, { ttlMs: 10 * 60_000 });
}

let appends = 0;

export async function append(store: Store, body: string, key = LOGGED): Promise<AppendedEntry> {
  const appended = await store.append(key, 'tag', body, { id: `id-${++appends}`, limits: WIDE });
  if (typeof appended === 'string') throw new Error(`Nothing was appended: ${appended}`);
  return appended;
}

export async function bodies(store: Store, key = LOGGED): Promise<readonly string[]> {
  const slice = await store.entries(key, 'tag', undefined, 10_000);
  return (slice?.entries ?? []).map(({ body }) => body);
}

/** Bells rung for a key. */
export async function hear(store: Store, key = LOGGED): Promise<Bell[]> {
  const bells: Bell[] = [];
  await store.listen(key, (bell) => void bells.push(bell));
  return bells;
}

/** Carries connections to a port of this machine until it is told to be silent. */
export class Wire {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((near) => this.#carry(near));
  #isSilent = false;

  private constructor(private readonly target: number) {}

  static async to(port: number): Promise<Wire> {
    const wire = new Wire(port);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Holds back all traffic without closing a connection. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Lets traffic through from now on; connections that were silent are cut. */
  restore(): void {
    this.#isSilent = false;
    this.cut();
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #carry(near: Socket): void {
    const far = connect(this.target, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (chunk) => this.#isSilent || to.write(chunk));
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
