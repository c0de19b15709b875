import { errors, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { randomBytes } from 'node:crypto';
import type { Bell, BellListener, StoreKey } from '../store.js';
import { unsubscribe } from './nats-connection.js';
import type { NatsLink } from './nats-link.js';

/** Longest body that a bell carries; readers get others from the log. In bytes. */
const MAX_RUNG_BYTES = 16 * 1024;

/** How long to wait for a listener that seems to be there. */
const HEARD_MS = 500;

/** Message that asks for listeners. */
const QUESTION = '?';

/** A listener that was added, as itself: the same function may be there twice. */
interface Listening {
  readonly ring: BellListener;
}

interface Subscribed {
  readonly subscription: Subscription;
  readonly listening: Set<Listening>;
}

/** Bells: messages that are not stored. An instance subscribes to those of the keys that it listens to, once each. */
export class NatsBells {
  /** Rung at once by what this process does itself; its messages are ignored when they come. */
  readonly #instance = randomBytes(6).toString('base64url');
  readonly #subscribed = new Map<string, Subscribed>();

  constructor(private readonly link: NatsLink) {
    link.onConnected((connection) => {
      for (const [subject, { subscription, listening }] of [...this.#subscribed]) {
        if (subscription.isClosed()) this.#subscribe(connection, subject, listening);
        this.#hear(subject, 'stale');
      }
    });
  }

  async listen(key: StoreKey, ring: BellListener): Promise<() => void> {
    const subject = this.#subject(key);
    const one = { ring };
    const stop = () => this.#stop(subject, one);
    await this.link
      .run(async ({ connection }) => {
        const listening = this.#subscribed.get(subject)?.listening ?? new Set<Listening>();
        if (listening.size === 0) this.#subscribe(connection, subject, listening);
        listening.add(one);
        await connection.flush();
      })
      .catch((error: unknown) => {
        stop();
        throw error;
      });
    return stop;
  }

  /** Rings here and elsewhere. One that does not arrive is made up for by the backstop. */
  ring(key: StoreKey, bell: Bell): void {
    if (!key.hasLog) return;
    const subject = this.#subject(key);
    queueMicrotask(() => this.#hear(subject, bell));
    let [what, text] = [bell as unknown, ''];
    if (typeof bell === 'object') {
      const { body, ...entry } = bell;
      [what, text] = Buffer.byteLength(body) > MAX_RUNG_BYTES ? ['appended', ''] : [entry, body];
    }
    const head = JSON.stringify({ by: this.#instance, bell: what });
    this.link.run(async ({ connection }) => connection.publish(subject, `${head}\n${text}`)).catch(() => {});
  }

  /** Asks for a listener of a key. One that does not answer does, as far as the server knows. */
  async isHeard(key: StoreKey): Promise<boolean> {
    const subject = this.#subject(key);
    if (this.#subscribed.has(subject)) return true;
    return this.link.run(async ({ connection }) => {
      try {
        await connection.request(subject, QUESTION, { timeout: HEARD_MS });
        return true;
      } catch (error) {
        if (error instanceof errors.RequestError && error.isNoResponders()) return false;
        if (error instanceof errors.TimeoutError) return true;
        throw error;
      }
    });
  }

  close(): void {
    for (const { subscription } of this.#subscribed.values()) unsubscribe(subscription);
    this.#subscribed.clear();
  }

  #subscribe(connection: NatsConnection, subject: string, listening: Set<Listening>): void {
    const callback = (error: Error | null, message: Msg) => {
      if (!error) this.#receive(subject, message);
    };
    this.#subscribed.set(subject, { subscription: connection.subscribe(subject, { callback }), listening });
  }

  #receive(subject: string, message: Msg): void {
    const text = message.string();
    if (text === QUESTION) return void message.respond('');
    const end = text.indexOf('\n');
    const { by, bell } = JSON.parse(text.slice(0, end)) as { readonly by: string; readonly bell: Bell };
    if (by === this.#instance) return;
    this.#hear(subject, typeof bell === 'string' ? bell : { ...bell, body: text.slice(end + 1) });
  }

  #hear(subject: string, bell: Bell): void {
    const listening = this.#subscribed.get(subject)?.listening ?? [];
    for (const one of [...listening]) if (this.#subscribed.get(subject)?.listening.has(one)) one.ring(bell);
  }

  #stop(subject: string, one: Listening): void {
    const subscribed = this.#subscribed.get(subject);
    if (!subscribed?.listening.delete(one) || subscribed.listening.size > 0) return;
    this.#subscribed.delete(subject);
    unsubscribe(subscribed.subscription);
  }

  #subject({ scope, name }: StoreKey): string {
    return this.link.names.bell(scope, name);
  }
}
