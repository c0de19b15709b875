import { headers } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { AppendIds } from '../store/append-ids.js';
import { SerialQueue } from '../store/serial-queue.js';
import type { NatsLink } from './nats-link.js';
import { readBodies } from './nats-messages.js';
import type { StoredMessage } from './nats-reads.js';
import { isConflict } from './nats.errors.js';
import {
  applyMessage,
  countBetween,
  EMPTY,
  encodeRecords,
  type Change,
  type LogItem,
  type ScopeMessage,
  type ScopeState,
} from './scope-state.js';

/** States that an instance remembers; others it reads again. */
const MAX_STATES = 1_000;

/** Messages after which one carries all records again. */
const MAX_SINCE = 64;

/** Room for headers and subjects beside the payload of a message. */
const OVERHEAD_BYTES = 1_024;

/** After that many changes of others came first, attempts are spread. */
const QUICK_ATTEMPTS = 3;

/** Part of the largest message that the body of an entry may take up; the rest of a larger one is in messages before it. */
const PART = 1 / 2;

const NEWLINE = 10;

/** Header with the expiry of a scope, so that a sweep need not read messages. */
export const UNTIL = 'Mcp-Until';

/** Changes to make at once. The body is that of an entry. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly body?: string;
}

/** Content of one message. */
interface Put {
  readonly changes: readonly Change[];
  readonly body: Buffer;
  readonly part?: number;
  readonly parts?: number;
}

/** State of a scope before and after a change. */
export interface Changed {
  readonly before: ScopeState;
  readonly after: ScopeState;
}

/**
 * The records of scopes, made of the messages of one subject each. A change is a message that is stored only if the one
 * before it is the newest: so changes of a scope are atomic and have one order across instances.
 */
export class NatsScopes {
  readonly #states = new Map<string, ScopeState>();
  readonly #changes = new SerialQueue();
  readonly #ids = new AppendIds();
  readonly #cleaning = new Set<Promise<void>>();

  constructor(private readonly link: NatsLink) {
    // A server that came back may have lost what was newest.
    link.onConnected(() => this.#states.clear());
  }

  /** The state of a scope now. One that is remembered costs one request. */
  async current(scope: string): Promise<ScopeState> {
    for (let missedAt: number | undefined; ;) {
      const known = this.#states.get(scope) ?? EMPTY;
      const newest = await this.link.read({ last_by_subj: this.link.names.scope(scope) });
      if (newest?.seq === known.seq) return known;
      let state: ScopeState | undefined = newest ? await this.#follow(known, newest) : EMPTY;
      if (!state && newest && newest.seq !== missedAt) {
        // Something between was removed, which happens after a newer message with all records.
        missedAt = newest.seq;
        continue;
      }
      // The scope is gone if its messages cannot be read.
      state ??= { ...EMPTY, seq: newest?.seq ?? 0 };
      if ((this.#states.get(scope) ?? EMPTY) === known) this.#remember(scope, state);
      return state;
    }
  }

  /**
   * Changes a scope as `decide` wants, which is asked again when another change was faster. What it returns instead of a
   * plan is returned, and was decided upon the newest state.
   */
  change<R>(scope: string, decide: (state: ScopeState) => Plan | R): Promise<Changed | R> {
    return this.#changes.run(scope, async () => {
      await this.link.ready();
      // A guess: the server knows better.
      let state = this.#states.get(scope) ?? EMPTY;
      for (let n = 0, isNewest = false; ; n++) {
        const at = this.link.clock.now();
        const plan = decide(state);
        if (!isPlan(plan)) {
          if (isNewest) return plan;
        } else {
          const changed = await this.#carryOut(scope, state, plan, at);
          if (changed) return changed;
          if (n > QUICK_ATTEMPTS) await delay(Math.random() * n, undefined, { ref: false });
        }
        state = await this.current(scope);
        isNewest = true;
      }
    });
  }

  /** Bodies of entries of a state; `undefined` if one of them is not there any more. */
  async bodies(
    scope: string,
    state: ScopeState,
    items: readonly LogItem[],
  ): Promise<readonly string[] | undefined> {
    const seqs = items.flatMap(({ seq, parts }) => [...parts, seq]);
    const passed = countBetween(state, seqs[0], seqs.at(-1));
    const found = await readBodies(this.link, this.link.names.scope(scope), seqs, passed);
    if (found.size < seqs.length) return undefined;
    const bodyAt = (seq: number) => found.get(seq) as Buffer;
    return items.map(({ seq, parts }) => {
      const last = bodyAt(seq);
      return (parts.length === 0 ? last : Buffer.concat([...parts.map(bodyAt), last])).toString();
    });
  }

  /** Removes the messages of a scope up to one of them. What comes later begins with all records. */
  async purge(scope: string, upTo: number): Promise<void> {
    const options = { filter: this.link.names.scope(scope), seq: upTo + 1 };
    await this.link.run(({ manager }) => manager.streams.purge(this.link.names.stream, options));
  }

  /** Resolves when nothing is being cleaned up. */
  async settled(): Promise<void> {
    await Promise.all(this.#cleaning);
  }

  /** Publishes a plan, in parts if its body is large. */
  async #carryOut(scope: string, before: ScopeState, plan: Plan, at: number): Promise<Changed | undefined> {
    const body = Buffer.from(plan.body ?? '');
    const size = Math.floor(this.link.maxPayload * PART);
    const parts = Math.max(0, Math.ceil(body.length / size) - 1);
    let state = before;
    for (let part = 0; part < parts; part++) {
      const piece = body.subarray(part * size, (part + 1) * size);
      const put = await this.#publish(scope, state, { changes: [], body: piece, part }, at);
      if (!put) return undefined;
      state = put;
    }
    const rest = { changes: plan.changes, body: body.subarray(parts * size), ...(parts > 0 && { parts }) };
    const after = await this.#publish(scope, state, rest, at);
    return after && { before, after };
  }

  async #publish(scope: string, before: ScopeState, put: Put, at: number): Promise<ScopeState | undefined> {
    const begin = performance.now();
    const giveUpAt = begin + this.link.timeoutMs;
    const until = this.link.clock.before(giveUpAt);
    const { message, payload } = this.#write(before, put, { at, until });
    const header = headers();
    const provisional = applyMessage(before, message, before.seq + 1, at);
    const expiry = Math.max(0, ...[...provisional.records.values()].map(({ expiresAt }) => expiresAt));
    header.set(UNTIL, String(expiry));
    const options = { msgID: this.#ids.next(), expect: { lastSubjectSequence: before.seq }, headers: header };
    let seq: number;
    try {
      const ack = await this.link.run(async ({ client }) => {
        try {
          return await client.publish(this.link.names.scope(scope), payload, options);
        } catch (error) {
          if (isConflict(error)) return undefined;
          throw error;
        }
      }, giveUpAt);
      if (!ack) return undefined;
      ({ seq } = ack);
      if (!(await this.#isInTime(seq, until, begin))) return undefined;
    } catch (error) {
      // The outcome is unknown.
      this.#states.delete(scope);
      throw error;
    }
    const after = applyMessage(before, message, seq, at);
    this.#remember(scope, after);
    this.#clean(scope, before, message, after);
    return after;
  }

  /** Checks that a message counts. Reads it unless that is certain, which measures the clock of the server, too. */
  async #isInTime(seq: number, until: number | undefined, begin: number): Promise<boolean> {
    const { clock } = this.link;
    if (until === undefined || clock.isBefore(until)) return true;
    const end = performance.now();
    const stored = await this.link.read({ seq });
    if (stored) clock.learn(begin, end, stored.time);
    return (stored?.time.getTime() ?? clock.now()) <= until;
  }

  /** A message and its payload: all but the body as JSON, on one line, then the body. */
  #write(
    before: ScopeState,
    { changes: planned, body, ...place }: Put,
    times: Pick<ScopeMessage, 'at' | 'until'>,
  ) {
    const expired = [...before.records].filter(([, { expiresAt }]) => expiresAt <= times.at);
    const removals = expired.map(([name]) => ({ does: 'remove', name }) as const);
    const isPart = 'part' in place;
    const changes = isPart ? planned : [...removals, ...planned];
    const short: ScopeMessage = { ...times, ...place, since: before.since, changes };
    const whole = (): ScopeMessage => ({ ...times, records: encodeRecords(before), changes });
    const isFirst = before.records.size === 0;
    const mayBeWhole = !isPart && !('parts' in place);
    const candidates = mayBeWhole && (isFirst || before.since.length >= MAX_SINCE) ? [whole()] : [];
    // In the place of a whole one that is too large: the next one may have a smaller body.
    if (!isFirst) candidates.push(short);
    const { maxPayload } = this.link;
    let bytes = 0;
    for (const message of candidates) {
      const payload = Buffer.concat([Buffer.from(`${JSON.stringify(message)}\n`), body]);
      bytes = payload.length + OVERHEAD_BYTES;
      if (bytes <= maxPayload) return { message, payload };
    }
    throw new RangeError(
      `A message to NATS would have ${bytes} bytes, and the server takes ${maxPayload}: raise max_payload of nats-server`,
    );
  }

  /** Removes unreferenced messages in the background: if that fails they stay until the scope ends. */
  #clean(scope: string, before: ScopeState, { records }: ScopeMessage, after: ScopeState): void {
    if (after.records.size === 0) {
      this.#states.delete(scope);
      this.#inBackground(() => this.purge(scope, after.seq));
      return;
    }
    const { stream } = this.link.names;
    for (const seq of records ? [...before.garbage, ...before.parts] : []) {
      this.#inBackground(async () => {
        await this.link.run(({ manager }) => manager.streams.deleteMessage(stream, seq, false));
      });
    }
  }

  #inBackground(work: () => Promise<void>): void {
    const cleaning = work()
      .catch(() => {})
      .finally(() => this.#cleaning.delete(cleaning));
    this.#cleaning.add(cleaning);
  }

  /** The state up to the newest message, from one that is known or from the message with all records. */
  async #follow(known: ScopeState, newest: StoredMessage): Promise<ScopeState | undefined> {
    const message = messageOf(newest);
    if (message.records) return applyMessage(EMPTY, message, newest.seq, newest.time.getTime());
    const since = message.since ?? [];
    const reached = since.indexOf(known.seq);
    const missing = await Promise.all(since.slice(reached + 1).map((seq) => this.link.read({ seq })));
    let state = reached < 0 ? EMPTY : known;
    for (const stored of [...missing, newest]) {
      if (!stored) return undefined;
      state = applyMessage(state, messageOf(stored), stored.seq, stored.time.getTime());
    }
    return state;
  }

  #remember(scope: string, state: ScopeState): void {
    this.#states.delete(scope);
    if (state.seq === 0) return;
    this.#states.set(scope, state);
    const [oldest] = this.#states.size > MAX_STATES ? this.#states.keys() : [];
    if (oldest !== undefined) this.#states.delete(oldest);
  }
}

function isPlan(value: unknown): value is Plan {
  return typeof value === 'object' && value !== null && 'changes' in value;
}

function messageOf({ data: { buffer, byteOffset, byteLength } }: StoredMessage): ScopeMessage {
  const payload = Buffer.from(buffer, byteOffset, byteLength);
  return JSON.parse(payload.toString('utf8', 0, payload.indexOf(NEWLINE))) as ScopeMessage;
}
