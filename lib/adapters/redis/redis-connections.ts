import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import { Deadlines } from './deadlines.js';
import { OutageLog } from './outage-log.js';
import type { RedisStoreOptions } from './redis-store-options.interface.js';
import {
  ATTEMPT_MS,
  checkConnectionOptions,
  isCluster,
  openCommands,
  type RedisClient,
} from './redis.clients.js';
import { clockOf, isMoved, isPassing, isRefused, messageOf, toAdapterError } from './redis.errors.js';
import { evictionWarning, inspect } from './redis-inspection.js';
import { RedisSubscriber } from './redis-subscriber.js';
import { RedisUnavailableError } from './redis-unavailable.error.js';

/**
 * Sends a command. Tried again after a connection was lost, it may have been carried out before. It is given up at `until`,
 * in milliseconds of the clock of Redis.
 */
export type RedisCommand<T> = (client: RedisClient, until: number, isRetry: boolean) => Promise<T>;

const CLOSED = 'The connections to Redis are closed';

/** How often the clock of Redis is read: clocks drift. */
const CLOCK_MS = 60_000;

/** Between two attempts while the client believes to be connected. */
const PAUSE_MS = 25;

/**
 * The connections of a store: one for commands and, as soon as it listens, one for messages (on a Cluster one to each
 * node that is needed). They are made with the first use.
 */
export class RedisConnections {
  /** Made with the first use. */
  #commands!: RedisClient;
  #making: Promise<void> | undefined;
  readonly #logger: NonNullable<RedisStoreOptions['logger']>;
  readonly #outages: OutageLog;
  readonly #deadlines = new Deadlines();
  readonly #commandTimeoutMs: number;
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #subscriber: RedisSubscriber | undefined;
  #isSharded = false;
  /** When the connection for commands was lost, while it is. */
  #lostAt: number | undefined;
  #readyAt = 0;
  #restoredAt = -Infinity;
  #repliedAt = 0;
  /** From the clock of this process to that of Redis, of several servers to the one that is ahead; and when it was read. */
  #clock: { offsetMs: number; readonly at: number } | undefined;
  #lastError: unknown;
  /** Ends the wait for a first connection. */
  #refuse: ((error: unknown) => void) | undefined;
  #whenReady: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  readonly #onReady = new Set<() => void>();
  #isClosed = false;

  constructor(readonly options: RedisStoreOptions) {
    this.#commandTimeoutMs = options.commandTimeoutMs ?? 2_000;
    this.#logger = options.logger ?? new Logger('McpRedis');
    this.#outages = new OutageLog(this.#logger);
    checkConnectionOptions(options);
  }

  /** The command by which scripts publish. Known once a command has been sent. */
  get publish(): 'PUBLISH' | 'SPUBLISH' {
    return this.#isSharded ? 'SPUBLISH' : 'PUBLISH';
  }

  /** Milliseconds since the connection came back that had been lost; `Infinity` if it never was. */
  get restoredForMs(): number {
    return Date.now() - this.#restoredAt;
  }

  /**
   * Connects, and checks that Redis answers. Done with the first command anyway.
   *
   * @throws McpConfigurationError when Redis refuses the credentials
   * @throws RedisUnavailableError when there is no Redis within five seconds, or `connectTimeoutMs` if that is less
   */
  connect(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /**
   * Sends a command, and sends it again if the connection is lost and comes back in time.
   *
   * @throws RedisUnavailableError when it has not succeeded within `commandTimeoutMs`.
   */
  async run<T>(command: RedisCommand<T>): Promise<T> {
    if (this.#isClosed) throw new RedisUnavailableError(CLOSED);
    if (!this.#isOpen) await this.connect();
    // Counted from here: a first connection has a limit of its own, which may be longer.
    const until = Date.now() + this.#commandTimeoutMs;
    for (let attempt = 0; ; attempt++) {
      if (this.#commands.status !== 'ready') await this.#ready(until);
      try {
        const untilThere = until + (await this.#clockOffset(until));
        this.#gather();
        const reply = await this.#limit(command(this.#commands, untilThere, attempt > 0), until);
        this.#repliedAt = Date.now();
        return reply;
      } catch (error) {
        this.#learnClock(error);
        if (!isPassing(error) || error instanceof RedisUnavailableError || Date.now() + PAUSE_MS > until) {
          throw toAdapterError(error);
        }
        this.#lastError = error;
        // Where commands share a pipeline ioredis follows the Cluster for all of them or for none.
        if (isCluster(this.#commands) && isMoved(error)) this.#commands.refreshSlotsCache();
        if (this.#commands.status === 'ready') await delay(PAUSE_MS, undefined, { ref: false });
      }
    }
  }

  /** Asks Redis for a sign of life. */
  async ping(): Promise<void> {
    await this.run((client) => client.ping());
  }

  /** The receiver of messages, made with the first use. */
  async subscriber(): Promise<RedisSubscriber> {
    if (!this.#isOpen) await this.connect();
    this.#subscriber ??= new RedisSubscriber(
      this.#commands,
      this.#isSharded,
      this.#outages,
      this.#commandTimeoutMs,
    );
    return this.#subscriber;
  }

  /** Calls back each time that commands can be sent again. Returns what ends that. */
  onReady(listener: () => void): () => void {
    this.#onReady.add(listener);
    return () => this.#onReady.delete(listener);
  }

  /** Closes the connections. A second time does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#subscriber?.close();
    this.#onReady.clear();
    const client = this.#commands as RedisClient | undefined;
    if (!client) return this.#deadlines.close();
    this.#outages.forget(client);
    const { status } = client;
    if (status === 'ready') await this.#limit(this.#commands.quit(), Date.now() + 500).catch(() => {});
    this.#commands.disconnect();
    this.#whenReady?.resolve();
    this.#deadlines.close();
  }

  async #make(): Promise<void> {
    const client = await openCommands(this.options);
    if (this.#isClosed) return client.disconnect();
    this.#commands = client;
    this.#watch(client);
  }

  #watch(client: RedisClient): void {
    client.on('error', (error: unknown) => this.#lost(error, messageOf(error)));
    client.on('close', () => this.#lost(undefined, 'the connection was closed'));
    client.on('ready', () => {
      if (this.#isOpen) this.#restoredAt = Date.now();
      this.#lostAt = undefined;
      this.#readyAt = Date.now();
      this.#outages.restored(client);
      this.#whenReady?.resolve();
      this.#whenReady = undefined;
      for (const listener of [...this.#onReady]) listener();
    });
  }

  #lost(error: unknown, reason: string): void {
    if (error !== undefined) this.#lastError = error;
    if (isRefused(error)) this.#refuse?.(error);
    if (this.#isClosed) return;
    this.#lostAt ??= Date.now();
    this.#clock = undefined;
    this.#outages.lost(this.#commands, reason);
  }

  async #open(): Promise<void> {
    const { shardedPubSub } = this.options;
    const connectTimeoutMs = Math.min(this.options.connectTimeoutMs ?? ATTEMPT_MS, ATTEMPT_MS);
    const until = Date.now() + connectTimeoutMs;
    this.#lostAt = undefined;
    await (this.#making ??= this.#make());
    if (this.#isClosed) throw new RedisUnavailableError(CLOSED);
    const refused = new Promise<never>((_, reject) => (this.#refuse = reject));
    try {
      await Promise.race([this.#ready(until, connectTimeoutMs), refused]);
      await this.#limit(this.#commands.ping(), Math.max(until, Date.now() + 100));
      const { evictionPolicy, hasShardedPubSub } = await inspect(this.#commands);
      this.#isSharded = isCluster(this.#commands) && (shardedPubSub ?? hasShardedPubSub);
      const warning = evictionWarning(evictionPolicy);
      if (warning !== undefined) this.#logger.warn(warning);
      this.#isOpen = true;
      this.#lastError = undefined;
    } catch (error) {
      // Nothing goes on trying behind the back of an application that does not start.
      this.#commands.disconnect();
      const cause = this.#lastError ?? error;
      const reason = messageOf(cause);
      if (isRefused(cause)) {
        throw new McpConfigurationError(`Redis refuses the Redis store: ${reason}. See its credentials`, {
          cause,
        });
      }
      throw new RedisUnavailableError(
        `There is no Redis to connect to within ${connectTimeoutMs} ms: ${reason}`,
        { cause },
      );
    } finally {
      this.#refuse = undefined;
    }
  }

  /** Sends the commands of one turn of the event loop in one write. The nodes of a Cluster have connections of their own. */
  #gather(): void {
    const { stream } = this.#commands as Partial<Redis>;
    if (!stream || stream.writableCorked > 0) return;
    stream.cork();
    setImmediate(() => stream.uncork());
  }

  async #clockOffset(until: number): Promise<number> {
    if (this.#clock && Date.now() - this.#clock.at < CLOCK_MS) return this.#clock.offsetMs;
    const [seconds, microseconds] = await this.#limit(this.#commands.time(), until);
    // Never too much, as a reply takes time.
    const at = Date.now();
    const offsetMs = Number(seconds) * 1_000 + Number(microseconds) / 1_000 - at;
    this.#clock = { offsetMs, at };
    return offsetMs;
  }

  #learnClock(error: unknown): void {
    const time = clockOf(error);
    if (!this.#clock || time === undefined) return;
    this.#clock.offsetMs = Math.max(this.#clock.offsetMs, time - Date.now());
  }

  /** Waits for the connection; not at all if that has been lost for so long that waiting is in vain. */
  #ready(until: number, patienceMs = this.#commandTimeoutMs): Promise<void> {
    const { status } = this.#commands;
    if (this.#isClosed) return Promise.reject(new RedisUnavailableError(CLOSED));
    if (status === 'ready') return Promise.resolve();
    if (status === 'wait' || status === 'end') this.#commands.connect().catch(() => {});
    if (this.#lostAt !== undefined && Date.now() - this.#lostAt > patienceMs)
      return Promise.reject(this.#away());
    if (!this.#whenReady) {
      let resolve = () => {};
      this.#whenReady = { promise: new Promise<void>((done) => (resolve = done)), resolve: () => resolve() };
    }
    return this.#limit(this.#whenReady.promise, until);
  }

  #limit<T>(work: Promise<T>, until: number): Promise<T> {
    return this.#deadlines.limit(work, until, () => {
      const error = this.#away();
      // A connection on which nothing comes back any more may be dead without either side knowing.
      const isSilent = Date.now() - Math.max(this.#repliedAt, this.#readyAt) >= this.#commandTimeoutMs;
      if (isSilent && this.#isOpen && this.#commands.status === 'ready') this.#commands.disconnect(true);
      return error;
    });
  }

  #away(): RedisUnavailableError {
    const problem =
      this.#commands.status === 'ready'
        ? `did not answer within ${this.#commandTimeoutMs} ms`
        : `cannot be reached (${messageOf(this.#lastError ?? 'the connection was closed')})`;
    return new RedisUnavailableError(`Redis ${problem}`, { cause: this.#lastError });
  }
}
