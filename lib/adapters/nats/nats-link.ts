import { Logger } from '@nestjs/common';
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, errors, type NatsConnection, type Status } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import { AdapterUnavailableError } from '../adapter-unavailable.error.js';
import type { NatsStoreOptions } from './nats-store-options.interface.js';
import { isFull, isPassing, isRefusal, toAdapterError } from './nats.errors.js';
import { NatsReads, type MessageQuery, type StoredMessage } from './nats-reads.js';
import { checkStream, NatsNames } from './nats-stream.js';
import { ServerClock } from './server-clock.js';

/** Before a request that failed is sent again. */
const PAUSE_MS = 25;

/** How the connection of a store's own behaves, unless the application says otherwise. */
const DEFAULTS = {
  name: 'nestjs-mcp-adapters',
  maxReconnectAttempts: -1,
  reconnectTimeWait: 250,
  reconnectJitter: 100,
  pingInterval: 10_000,
  // Every request would record where it was made: a quarter of what it costs this process.
  noAsyncTraces: true,
};

/** Rejects requests whose answers cannot come any more: the connection they were sent on is gone. */
class Reconnected extends Error {}

/** Connection and timeouts of requests. */
export interface Nats {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly get: (query: MessageQuery) => Promise<StoredMessage | null>;
}

/** The connection to NATS: given, or made with the first request. */
export class NatsLink {
  readonly names: NatsNames;
  readonly clock = new ServerClock();
  readonly #options: NatsStoreOptions;
  /** Milliseconds that a request may take. */
  readonly timeoutMs: number;
  readonly #logger: NonNullable<NatsStoreOptions['logger']>;
  #connection: Promise<NatsConnection> | undefined;
  #nats: Promise<Nats> | undefined;
  /** Absent where copies of the stream may be behind. */
  #reads: NatsReads | undefined;
  #statuses: AsyncIterable<Status> | undefined;
  /** Reject what is being waited for. */
  readonly #interrupts = new Set<(reason: unknown) => void>();
  readonly #listeners = new Set<(connection: NatsConnection) => void>();
  #downSince: number | undefined;
  #isDisconnected = false;
  #restoredAt = -Infinity;
  #maxPayload = 0;
  /** Why a connection of the application is closed for good, if it was refused. */
  #refusal: Error | undefined;
  #isClosed = false;

  constructor(options: NatsStoreOptions) {
    this.#options = options;
    this.names = new NatsNames(options);
    this.timeoutMs = options.commandTimeoutMs ?? 2_000;
    this.#logger = options.logger ?? new Logger('McpNats');
  }

  /** Milliseconds since an outage was over. */
  get restoredForMs(): number {
    return this.#downSince === undefined ? performance.now() - this.#restoredAt : 0;
  }

  /** Bytes of the largest message that the server takes. */
  get maxPayload(): number {
    return this.#maxPayload;
  }

  /** Resolves when the server has been reached once. */
  async ready(): Promise<void> {
    if (!this.clock.isMeasured) await this.run(async () => {});
  }

  /** Calls back when there is a connection: the first one, one that was lost, or another one in its place. */
  onConnected(listener: (connection: NatsConnection) => void): void {
    this.#listeners.add(listener);
  }

  /** Connects once. Rejects with `McpConfigurationError` if something must be set up first. */
  async open(): Promise<void> {
    try {
      await this.#within(() => this.#ready(), this.timeoutMs);
      this.#found();
    } catch (error) {
      const reason = toAdapterError(error);
      if (reason instanceof AdapterUnavailableError) this.#lost(reason.message);
      throw reason;
    }
  }

  /** Sends requests that may be sent twice, again if the connection was lost. They are given up at `until`. */
  async run<T>(command: (nats: Nats) => Promise<T>, until = performance.now() + this.timeoutMs): Promise<T> {
    if (this.#isClosed) throw new AdapterUnavailableError('The store is closed');
    const begin = performance.now();
    if (this.#isDisconnected && begin - (this.#downSince ?? begin) > this.timeoutMs) {
      throw new AdapterUnavailableError('NATS cannot be reached');
    }
    for (;;) {
      const leftMs = until - performance.now();
      try {
        const result = await this.#within(async () => command(await this.#ready()), leftMs);
        this.#found();
        return result;
      } catch (error) {
        if (error instanceof Reconnected) continue;
        // The next attempt checks that the stream exists: requests for a missing one get no reply.
        if (isPassing(error)) this.#nats = undefined;
        if (this.#isClosed || !isPassing(error) || leftMs < 2 * PAUSE_MS) throw this.#failure(error);
        await delay(PAUSE_MS);
      }
    }
  }

  /** Reads a stored message. Most calls in a session do just that: so there is as little around it as can be. */
  async read(query: MessageQuery): Promise<StoredMessage | null> {
    const until = performance.now() + this.timeoutMs;
    const isUp = this.#downSince === undefined && !this.#isClosed;
    const stored = isUp ? await this.#reads?.get(query) : undefined;
    return stored === undefined ? this.run(({ get }) => get(query), until) : stored;
  }

  /** Learns the time of the server, from a message that is stored for that. */
  async readClock(nats: Nats): Promise<void> {
    const { stream, clock } = this.names;
    const begin = performance.now();
    try {
      const { seq } = await nats.client.publish(clock, '');
      const end = performance.now();
      const stored = await nats.get({ seq });
      if (stored) this.clock.learn(begin, end, stored.time);
      await nats.manager.streams.deleteMessage(stream, seq, false);
    } catch (error) {
      if (!isFull(error)) throw error;
      this.clock.assume();
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listeners.clear();
    (this.#statuses as { stop?(): void } | undefined)?.stop?.();
    this.#stopReads();
    const connection = await this.#connection?.catch(() => undefined);
    if (!this.#options.connection) await connection?.close();
  }

  #ready(): Promise<Nats> {
    this.#nats ??= this.#prepare().catch((error: unknown) => {
      this.#nats = undefined;
      throw error;
    });
    return this.#nats;
  }

  async #prepare(): Promise<Nats> {
    this.#connection ??= this.#connect().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    const connection = await this.#connection;
    const timeout = this.timeoutMs;
    const { domain } = this.#options;
    const settings = { timeout, ...(domain !== undefined && { domain }) };
    const manager = await jetstreamManager(connection, { checkAPI: false, ...settings });
    const { allow_direct } = await checkStream(manager, this.#options, this.#options.migrate ?? false);
    const reader = allow_direct ? manager.direct : manager.streams;
    const client = jetstream(connection, settings);
    const get: Nats['get'] = (query) => reader.getMessage(this.names.stream, query);
    this.#stopReads();
    if (allow_direct && !this.#isClosed) {
      const api = domain === undefined ? '$JS.API' : `$JS.${domain}.API`;
      this.#reads = new NatsReads(connection, `${api}.DIRECT.GET.${this.names.stream}`, timeout);
    }
    const nats = { connection, client, manager, get };
    await this.readClock(nats);
    this.#maxPayload = connection.info?.max_payload ?? 0;
    return nats;
  }

  async #connect(): Promise<NatsConnection> {
    const { connection: given, ...options } = this.#options;
    const connection = given ?? (await connect({ ...DEFAULTS, timeout: this.timeoutMs, ...options }));
    if (connection.isClosed()) {
      throw (
        this.#refusal ?? new McpConfigurationError('natsStore(): the connection that it was given is closed')
      );
    }
    this.#statuses = connection.status();
    void this.#watch(connection, this.#statuses);
    this.#tell(connection);
    return connection;
  }

  async #watch(connection: NatsConnection, statuses: AsyncIterable<Status>): Promise<void> {
    for await (const { type } of statuses) {
      if (type === 'disconnect') {
        this.#isDisconnected = true;
        this.#lost('the connection was lost');
      }
      if (type === 'reconnect') this.#reconnected(connection);
      // One of them may have been refused.
      if (type === 'error') this.#reads?.interrupt();
    }
    if (this.#isClosed || !connection.isClosed()) return;
    // One of ours is made anew: it closes itself when it was refused.
    this.#connection = undefined;
    this.#nats = undefined;
    this.#stopReads();
    this.#isDisconnected = false;
    this.#lost('the connection was closed');
    // After the same refusal twice the client gives up.
    const reason = await connection.closed();
    if (!reason || !isRefusal(reason) || this.#isClosed) return;
    this.#refusal = toAdapterError(reason);
    const next = this.#options.connection ? 'Its owner has to make another one' : 'Each request tries again';
    this.#logger.warn(`${this.#refusal.message}. The connection is closed. ${next}`);
  }

  #reconnected(connection: NatsConnection): void {
    this.#isDisconnected = false;
    this.#nats = undefined;
    for (const interrupt of [...this.#interrupts]) interrupt(new Reconnected());
    this.#stopReads();
    this.#tell(connection);
  }

  #stopReads(): void {
    this.#reads?.close();
    this.#reads = undefined;
  }

  #tell(connection: NatsConnection): void {
    for (const listener of this.#listeners) listener(connection);
  }

  #lost(reason: string): void {
    if (this.#downSince !== undefined || this.#isClosed) return;
    this.#downSince = performance.now();
    this.#logger.warn(`NATS cannot be reached (${reason}); trying again`);
  }

  #found(): void {
    if (this.#downSince === undefined || this.#isDisconnected) return;
    this.#downSince = undefined;
    this.#restoredAt = performance.now();
    this.#logger.log('NATS can be reached again');
  }

  #failure(error: unknown): Error {
    const reason = toAdapterError(error);
    if (reason instanceof AdapterUnavailableError && isPassing(error)) this.#lost(reason.message);
    if (!(reason instanceof McpConfigurationError)) return reason;
    // While the application runs, an administrator has changed something and may change it back.
    return new AdapterUnavailableError(reason.message, { cause: reason });
  }

  async #within<T>(work: () => Promise<T>, ms: number): Promise<T> {
    let interrupt!: (reason: unknown) => void;
    let timer: NodeJS.Timeout | undefined;
    const interrupted = new Promise<never>((_, reject) => {
      interrupt = reject;
      timer = setTimeout(() => reject(new errors.TimeoutError()), ms);
    });
    this.#interrupts.add(interrupt);
    try {
      return await Promise.race([work(), interrupted]);
    } finally {
      clearTimeout(timer);
      this.#interrupts.delete(interrupt);
    }
  }
}
