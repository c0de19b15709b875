import { DeliverPolicy } from '@nats-io/jetstream';
import type { NatsLink } from './nats-link.js';
import { UNTIL, type NatsScopes } from './nats-scopes.js';

/** How often what has expired is removed, by one of the instances. */
const INTERVAL_MS = 60_000;

/** Milliseconds since expiry after which no instance takes a record for alive. */
const MARGIN_MS = 30_000;

/** A scope that no key has, with the record that the sweeping instance holds. */
const SCOPE = '$sweep';
const NAME = 'lease';

/** Messages that the server sends in advance. */
const BATCH = 256;

/** Removes scopes in which nothing lives any more: servers before 2.11 forget no single message by its age. */
export class NatsSweep {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly link: NatsLink,
    private readonly scopes: NatsScopes,
  ) {
    link.onConnected(() => {
      this.#timer ??= setInterval(() => void this.run().catch(() => {}), INTERVAL_MS).unref();
    });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Removes what has expired, unless another instance did so in the last interval. */
  async run(marginMs = MARGIN_MS): Promise<void> {
    await this.link.run((nats) => this.link.readClock(nats));
    const now = this.link.clock.now();
    const taken = this.scopes.change<undefined>(SCOPE, ({ records }) => {
      if ((records.get(NAME)?.expiresAt ?? 0) > now) return undefined;
      const ttlMs = INTERVAL_MS * 0.9;
      return { changes: [{ does: 'write', name: NAME, fields: {}, ttlMs, keepsLog: false }] };
    });
    // In a stream that is full nothing can be taken, and a sweep is what it needs.
    if (await taken.catch(() => true)) await this.#sweep(now - marginMs);
  }

  async #sweep(before: number): Promise<void> {
    const { stream } = this.link.names;
    const root = this.link.names.scope('');
    const consumer = await this.link.run(({ client }) =>
      client.consumers.get(stream, {
        filter_subjects: this.link.names.scope('*'),
        deliver_policy: DeliverPolicy.LastPerSubject,
        headers_only: true,
      }),
    );
    const { num_pending } = await consumer.info();
    if (num_pending === 0) return;
    const messages = await consumer.consume({ max_messages: BATCH });
    for await (const { subject, seq, headers, info } of messages) {
      const until = Number(headers?.get(UNTIL) ?? Infinity);
      if (until < before) await this.scopes.purge(subject.slice(root.length), seq).catch(() => {});
      if (info.pending === 0) break;
    }
    await consumer.delete();
  }
}
