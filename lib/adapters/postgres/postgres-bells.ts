import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Bell, BellListener } from '../store.js';
import { NotificationBatches, parseBatch } from './notification-batches.js';
import { timed, type PostgresConnection } from './postgres-connection.js';
import type { PostgresNames } from './postgres-names.js';
import { messageOf } from './postgres.errors.js';

/** Between two looks at records that are listened to, where notifications do not arrive: after a change, and at most. */
const POLL_MS = { first: 20, last: 250 };

/** Between two attempts to listen again. */
const PAUSE_MS = { first: 50, last: 5_000 };

/** Attempts to listen that fail, while statements do not, before records are looked at instead. */
const FAILURES_TO_POLL = 3;

/** How long a notification to oneself may take. */
const SELF_TEST_MS = 1_000;

/** Between two attempts to listen where notifications have not arrived: a busy server may have kept them. */
const RETEST_MS = 60_000;

/** How often a connection that only hears is asked whether it is still one. */
const PULSE_MS = 10_000;

/** A listener that was added, as itself: the same function may be there twice. */
interface Listening {
  readonly ring: BellListener;
}

/**
 * The bells of one instance: one connection that listens to one channel, and tells of what this instance did. Where
 * notifications do not arrive, all records that are listened to are looked at with one statement instead, again and again.
 */
export class PostgresBells {
  readonly #instance = randomBytes(9).toString('base64url');
  readonly #batches = new NotificationBatches(this.#instance);
  readonly #listening = new Map<string, Set<Listening>>();
  readonly #closed = new AbortController();
  /** Resolves when bells are heard, or it is known that they will not be for now. */
  #ready: Promise<void> | undefined;
  #keeping: Promise<void> | undefined;
  #client: Client | undefined;
  #heardMyself: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #polling: NodeJS.Timeout | undefined;
  /** State of each record at the last look that succeeded. */
  #seen = new Map<string, Looked>();
  #wasAway = false;

  constructor(
    private readonly connection: PostgresConnection,
    private readonly names: PostgresNames,
  ) {}

  /** Why there are no notifications, while that is so. */
  problem: string | undefined;

  /** Begins to hear. What rings before is heard late. */
  open(): Promise<void> {
    this.#ready ??= new Promise((resolve) => {
      this.#keeping = this.#keepListening(resolve).finally(resolve);
    });
    return this.#ready;
  }

  /** Resolves when the bell will be heard, at once or, after an outage, as one that is stale. */
  async listen(key: string, ring: BellListener): Promise<() => void> {
    const one = { ring };
    const all = this.#listening.get(key) ?? new Set();
    this.#listening.set(key, all.add(one));
    await this.open();
    return () => {
      if (all.delete(one) && all.size === 0 && this.#listening.get(key) === all) {
        this.#listening.delete(key);
        this.#seen.delete(key);
      }
    };
  }

  /** Rings here at once, and at other instances a little later. */
  ring(key: string, bell: Bell): void {
    if (this.#closed.signal.aborted) return;
    this.#ringHere(key, bell);
    this.#batches.add(key, bell);
    this.#beginSending();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#listening.clear();
    this.#stopPolling();
    await this.#sending;
    await this.#drop(this.#client);
    await this.#keeping;
  }

  #beginSending(): void {
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
  }

  /** One statement at a time: what is rung meanwhile goes out with the next. */
  async #send(): Promise<void> {
    // After others that were appended at the same time.
    await Promise.resolve();
    do {
      // Readers find by their backstop what is lost here.
      await this.#notify(this.#batches.take()).catch(() => {});
    } while (!this.#batches.isEmpty);
  }

  /** By the connection that listens, else by any: others may hear. Does not wait for the disk. */
  async #notify(payloads: readonly string[]): Promise<void> {
    const text = `select set_config('synchronous_commit', 'off', true), count(pg_notify($1, p)) from unnest($2::text[]) p`;
    const values = [this.names.channel, payloads];
    const client = this.#client;
    if (!client) return void (await this.connection.run(() => [text, values]));
    await client.query(timed(text, values, this.connection.timeoutMs)).catch(() => this.#drop(client));
  }

  #ringHere(key: string, bell: Bell): void {
    const all = this.#listening.get(key);
    if (all) for (const each of [...all]) if (all.has(each)) each.ring(bell);
  }

  #ringAll(bell: Bell): void {
    for (const key of [...this.#listening.keys()]) this.#ringHere(key, bell);
  }

  /** Connects, and again whenever the connection was lost, until it is closed or found to be useless. */
  async #keepListening(ready: () => void): Promise<void> {
    const { signal } = this.#closed;
    let [isFirst, failures] = [true, 0];
    for (let pauseMs = PAUSE_MS.first; !signal.aborted; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.last)) {
      try {
        const { client, lost } = await this.#connect();
        const isHeard = await this.#hears(client, lost);
        if (signal.aborted) return await this.#drop(client);
        if (!isHeard) {
          this.#poll('notifications do not arrive, as behind a pooler of transactions; set listen');
          ready();
          isFirst = false;
          await delay(RETEST_MS, undefined, { signal, ref: false }).catch(() => {});
          continue;
        }
        this.#client = client;
        this.#stopPolling();
        this.connection.restored();
        if (!isFirst) this.#ringAll('stale');
        ready();
        await lost;
        this.#client = undefined;
        if (!signal.aborted) this.connection.lost();
        [pauseMs, failures] = [PAUSE_MS.first, 0];
      } catch (error) {
        const isReachable = await this.connection.ping();
        // The first ones may be due to a restart that is over by now.
        if (isReachable && ++failures >= FAILURES_TO_POLL) this.#poll(`cannot listen: ${messageOf(error)}`);
        if (!isReachable || this.problem !== undefined) ready();
      }
      isFirst = false;
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #connect(): Promise<{ readonly client: Client; readonly lost: Promise<void> }> {
    const client = await this.connection.makeClient();
    const lost = new Promise<void>((resolve) => {
      client.on('end', resolve);
      client.on('error', () => void this.#drop(client).then(resolve));
    });
    client.on('notification', ({ payload }) => this.#receive(payload));
    try {
      await client.connect();
      await client.query(timed(`listen ${this.names.channel}`, [], this.connection.timeoutMs));
    } catch (error) {
      void this.#drop(client);
      throw error;
    }
    // To oneself alone: one whose server is gone learns of it only by speaking.
    const pulse = setInterval(() => this.#beginSending(), PULSE_MS).unref();
    void lost.then(() => clearInterval(pulse));
    return { client, lost };
  }

  /**
   * Tests that a notification arrives that another connection sends: behind a pooler its own one might, by chance. The
   * client is dropped if not. Rejects if the connection is lost meanwhile, which tells nothing.
   */
  async #hears(client: Client, lost: Promise<void>): Promise<boolean> {
    const heard = new Promise<boolean>((resolve) => (this.#heardMyself = () => resolve(true)));
    const test = [this.names.channel, JSON.stringify([this.#instance])];
    const cut = lost.then(() => Promise.reject<boolean>(new Error('the connection was lost')));
    cut.catch(() => {});
    let isHeard = false;
    try {
      await this.connection.run(() => ['select pg_notify($1, $2)::text', test]);
      isHeard = await Promise.race([heard, cut, delay(SELF_TEST_MS, false, { ref: false })]);
    } finally {
      if (!isHeard) void this.#drop(client);
    }
    return isHeard;
  }

  #receive(payload: string | undefined): void {
    const { instance, bells } = parseBatch(payload ?? '[""]');
    if (instance === this.#instance) return this.#heardMyself?.();
    for (const [key, bell] of bells) this.#ringHere(key, bell);
  }

  async #drop(client: Client | undefined): Promise<void> {
    // One whose server is silent does not say goodbye.
    await Promise.race([client?.end().catch(() => {}), delay(SELF_TEST_MS, undefined, { ref: false })]);
  }

  #poll(problem: string): void {
    if (this.#closed.signal.aborted) return;
    if (this.problem === undefined) {
      this.connection.logger.warn(`Postgres: ${problem}. Looking every ${POLL_MS.last} ms instead`);
    }
    this.problem = problem;
    this.#polling ??= this.#lookIn(POLL_MS.last);
  }

  #stopPolling(): void {
    clearTimeout(this.#polling);
    this.#polling = undefined;
    this.#seen.clear();
    if (this.problem !== undefined && !this.#closed.signal.aborted) {
      this.connection.logger.log('Postgres: notifications arrive again');
    }
    this.problem = undefined;
  }

  #lookIn(ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => void this.#lookAgain(ms), ms);
    return timer.unref();
  }

  async #lookAgain(afterMs: number): Promise<void> {
    const timer = this.#polling;
    const isChanged = await this.#look().catch(() => void (this.#wasAway = true));
    if (this.#polling !== timer) return;
    this.#polling = this.#lookIn(isChanged ? POLL_MS.first : Math.min(afterMs * 2, POLL_MS.last));
  }

  /** Rings for records that have changed. Returns `true` if there were any. */
  async #look(): Promise<boolean> {
    const keys = [...this.#listening.keys()];
    if (keys.length === 0) return false;
    const found = await this.#lookAt(keys);
    let isChanged = false;
    for (const key of keys) {
      const now = found.get(key) ?? GONE;
      const bell = this.#wasAway ? 'stale' : difference(this.#seen.get(key), now);
      this.#seen.set(key, now);
      if (bell) this.#ringHere(key, bell);
      isChanged ||= bell !== undefined;
    }
    this.#wasAway = false;
    return isChanged;
  }

  async #lookAt(keys: readonly string[]): Promise<Map<string, Looked>> {
    const parts = keys.map((key) => key.split('/') as [string, string]);
    const rows = await this.connection.run(() => [
      `select r.scope || '/' || r.name as key, r.version, r.log::text, r.number::text
       from unnest($1::text[], $2::text[]) k(scope, name)
       join ${this.names.of('record')} r on r.scope = k.scope and r.name = k.name and r.expires_at > now()`,
      [parts.map(([scope]) => scope), parts.map(([, name]) => name)],
    ]);
    return new Map(
      rows.map(({ key, version, log, number }) => [key as string, { version, log, number } as Looked]),
    );
  }
}

interface Looked {
  readonly version: string;
  readonly log: string;
  readonly number: string;
}

const GONE: Looked = { version: '', log: '', number: '' };

/** The bell for what changed between two looks. After the first one anything may have happened before. */
function difference(before: Looked | undefined, now: Looked): Bell | undefined {
  if (!before || before.number !== now.number)
    return before?.log === now.log || !before ? 'appended' : 'stale';
  if (before.log !== now.log) return 'stale';
  return before.version === now.version ? undefined : 'changed';
}
