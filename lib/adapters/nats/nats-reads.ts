import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { inboxOf, unsubscribe } from './nats-connection.js';

/** Status of an answer without a message. */
const NOT_FOUND = 404;

/** The newest message of a subject, or that of a sequence. */
export type MessageQuery = { readonly last_by_subj: string } | { readonly seq: number };

/** A message of the stream. */
export interface StoredMessage {
  readonly seq: number;
  /** When it was stored, by the clock of the server. */
  readonly time: Date;
  readonly data: Uint8Array;
}

/** Result of a read: `null` if there is no such message, `undefined` if it failed. */
type Outcome = StoredMessage | null | undefined;

interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Reads of stored messages, with one subscription for all answers. A request of the client library makes an `Error` and
 * several promises for each, which is most of what a read costs this process.
 */
export class NatsReads {
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #waiting = new Map<string, Waiting>();
  #unsent: { readonly token: string; readonly query: MessageQuery }[] = [];
  #count = 0;

  /** `subject` is the one of direct reads of the stream. */
  constructor(
    private readonly connection: NatsConnection,
    private readonly subject: string,
    private readonly timeoutMs: number,
  ) {
    this.#inbox = `${inboxOf(connection)}.`;
    const callback = (error: Error | null, message: Msg) => {
      if (error) this.interrupt();
      else this.#receive(message);
    };
    this.#subscription = connection.subscribe(`${this.#inbox}*`, { callback });
  }

  /** Never rejects: why a read failed is known to a request of the client library. */
  get(query: MessageQuery): Promise<Outcome> {
    if (this.#subscription.isClosed()) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const token = String(++this.#count);
      const timer = setTimeout(() => this.#settle(token, undefined), this.timeoutMs);
      this.#waiting.set(token, { resolve, timer });
      // Those of all requests that have come in are written to the socket at once.
      if (this.#unsent.push({ token, query }) === 1) setImmediate(() => this.#send());
    });
  }

  /** Lets all that wait for an answer fail. */
  interrupt(): void {
    for (const token of [...this.#waiting.keys()]) this.#settle(token, undefined);
  }

  close(): void {
    unsubscribe(this.#subscription);
    this.interrupt();
  }

  #send(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const { token, query } of unsent) {
      const isNewest = 'last_by_subj' in query;
      const subject = isNewest ? `${this.subject}.${query.last_by_subj}` : this.subject;
      const payload = isNewest ? '' : JSON.stringify(query);
      try {
        this.connection.publish(subject, payload, { reply: this.#inbox + token });
      } catch {
        this.#settle(token, undefined);
      }
    }
  }

  #receive(message: Msg): void {
    const { code } = message.headers ?? { code: NaN };
    const failure = code === NOT_FOUND ? null : undefined;
    this.#settle(message.subject.slice(this.#inbox.length), code === 0 ? toStored(message) : failure);
  }

  #settle(token: string, outcome: Outcome): void {
    const waiting = this.#waiting.get(token);
    if (!waiting) return;
    this.#waiting.delete(token);
    clearTimeout(waiting.timer);
    waiting.resolve(outcome);
  }
}

function toStored({ headers, data }: Msg): StoredMessage {
  return {
    seq: Number(headers?.get('Nats-Sequence')),
    // The clock of the server is compared now and then only.
    get time() {
      return new Date(headers?.get('Nats-Time-Stamp') ?? NaN);
    },
    data,
  };
}
