import { setTimeout as delay } from 'node:timers/promises';
import { send } from '../support/http.js';
import { RawExchange } from '../support/raw-http.js';
import { SseReader, type SseEvent } from '../support/sse.js';

/** Where a program that waits for what never comes is given up. */
const PATIENCE_MS = 30_000;

export interface Sent {
  readonly verb?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
}

/** Answer to one request, so far. */
export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly events: readonly SseEvent[];
  /** How the answer ended: it came to its end, the client cut it, or neither happened. */
  readonly end: 'complete' | 'cut' | 'open';
}

export interface RawStep {
  /** The part of the program it belongs to. */
  readonly move: string;
  readonly sent: Sent;
  received(): Received;
}

/** An answer read as it comes. */
export class Live {
  #cut: Received | undefined;

  constructor(
    private readonly exchange: RawExchange,
    private readonly onStuck: (what: string) => Error,
  ) {}

  get messages(): any[] {
    return this.exchange.messages;
  }

  get lastEventId(): string | undefined {
    return this.exchange.lastEventId;
  }

  /** Resolves when the condition holds or the connection closed. */
  async until(condition: () => boolean): Promise<void> {
    await this.#patiently(
      this.exchange.until(condition).catch(() => {}),
      'a message',
    );
  }

  /** Resolves with the message that fits, or with `undefined` if the connection closed before. */
  async message(fits: (message: any) => boolean): Promise<any> {
    await this.until(() => this.messages.some(fits));
    return this.messages.find(fits);
  }

  /** Resolves when the head of the answer and the first byte of a stream are there. */
  async opened(): Promise<void> {
    await this.until(() => this.exchange.text.length > 0);
  }

  async closed(): Promise<void> {
    await this.#patiently(this.exchange.closed, 'the end of an answer');
  }

  cut(): void {
    this.#cut = { ...this.received(), end: 'cut' };
    this.exchange.cut();
  }

  received(): Received {
    const { status, headers, text, events, isComplete } = this.exchange;
    const end =
      isComplete || (status > 0 && headers['transfer-encoding'] !== 'chunked') ? 'complete' : 'open';
    return this.#cut ?? { status, headers, text, events: [...events], end };
  }

  async #patiently(promise: Promise<void>, what: string): Promise<void> {
    const over = new AbortController();
    const late = delay(PATIENCE_MS, undefined, { signal: over.signal }).then(
      () => Promise.reject(this.onStuck(what)),
      () => {},
    );
    await Promise.race([promise, late]);
    over.abort();
  }
}

/** Sends the requests of a program and keeps all that was sent and came back. */
export class Recorder {
  readonly steps: RawStep[] = [];
  /** The part of the program that runs now. */
  move = '';
  readonly #live: Live[] = [];

  /** Sends a request and reads its answer whole. */
  async send(url: string, sent: Sent): Promise<Received> {
    if (isPlain(sent)) {
      const live = this.begin(url, sent);
      await live.closed();
      return live.received();
    }
    let received: Received | undefined;
    this.#add(sent, () => received ?? { status: 0, headers: {}, text: '', events: [], end: 'open' });
    const { verb: method = 'POST', headers = {}, body } = sent;
    const answer = await send(url, { method, headers, body: body as string });
    const events =
      answer.headers.get('content-type') === 'text/event-stream' ? SseReader.parse(answer.text) : [];
    const { status, text } = answer;
    return (received = {
      status,
      headers: Object.fromEntries(answer.headers),
      text,
      events,
      end: 'complete',
    });
  }

  /** Sends a request whose answer is followed. */
  begin(url: string, { verb = 'POST', headers, body }: Sent): Live {
    const exchange = new RawExchange(url, {
      method: verb as 'POST',
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
    });
    const at = `${this.move}, step ${this.steps.length + 1}`;
    const live = new Live(
      exchange,
      (what) => new Error(`${at}: ${what} did not come within ${PATIENCE_MS} ms`),
    );
    this.#live.push(live);
    this.#add({ verb, ...(headers && { headers }), body }, () => live.received());
    return live;
  }

  /** Cuts what is open still. */
  end(): void {
    for (const live of this.#live) if (live.received().end === 'open') live.cut();
  }

  #add(sent: Sent, received: () => Received): void {
    this.steps.push({ move: this.move, sent, received });
  }
}

function isPlain({ verb = 'POST', body }: Sent): boolean {
  return ['GET', 'POST', 'DELETE'].includes(verb) && typeof body !== 'string';
}
