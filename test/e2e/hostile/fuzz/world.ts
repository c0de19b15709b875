import { SseReader } from '../../../support/sse.js';
import { Connection, type Exchange, type WireRequest } from './connection.js';
import { MARK, newMark, type Fuzzed } from './fixture.js';
import type { User } from './messages.js';
import { assert, assertProper, messagesOf } from './rules.js';
import type { Tally } from './tally.js';

/** A session as its client knows it. */
export interface Session {
  readonly id: string;
  readonly user: User;
  readonly version: string;
  isEnded: boolean;
  /** True if it has subscribed to a resource. */
  isWatching: boolean;
  /** The ids of events, in the order they came; what each said. */
  readonly events: Map<string, string>;
}

/** A call and what became of it. */
export interface Call {
  readonly mark: string;
  readonly id: number;
  readonly user: User;
  readonly session: Session | undefined;
  readonly tool: string;
  readonly exchange: Exchange;
  /** True if something was done that may have cost it its answer. */
  isDisturbed: boolean;
}

/** A question that came on a stream of a session. */
export interface Question {
  readonly id: string;
  readonly session: Session;
  readonly call: string;
  taken: number;
}

/** Request state that a modern client was told to come back with. */
export interface State {
  readonly call: Call;
  readonly requestState: string;
  readonly keys: readonly string[];
}

/** Everything clients know during a run, and what they check of all that reaches them. */
export class World {
  readonly sessions: Session[] = [];
  readonly calls: Call[] = [];
  readonly questions: Question[] = [];
  readonly states: State[] = [];
  readonly exchanges: Exchange[] = [];
  /** Owner of the streams a mark may appear on: the session, or the call of a modern client. */
  readonly homes = new Map<string, Session | string>();
  /** Marks of calls that must never reach a handler. */
  readonly forbidden = new Set<string>();
  /** The first thing that was wrong. */
  failure: Error | undefined;
  readonly #idle: Connection[] = [];

  constructor(
    readonly server: Fuzzed,
    private readonly tally: Tally,
  ) {}

  /** An unused mark. */
  mark(user: User, home?: Session): string {
    const mark = newMark(user);
    this.homes.set(mark, home ?? mark);
    return mark;
  }

  /** Sends on a connection that is free. What comes is checked as it comes; `home` is the session it belongs to, or the mark. */
  send(request: WireRequest, user: User, home: Session | string | undefined): Exchange {
    this.tally.requests++;
    let connection = this.#idle.pop();
    while (connection?.isClosed) connection = this.#idle.pop();
    const exchange = (connection ?? new Connection(this.server.port)).send(request);
    this.exchanges.push(exchange);
    this.#follow(exchange, user, home);
    return exchange;
  }

  /** Breaks the connection of an exchange. */
  cut(exchange: Exchange): void {
    exchange.hasLeft = true;
    for (const call of this.calls) if (call.exchange === exchange) call.isDisturbed = true;
    exchange.connection.cut();
  }

  close(): void {
    for (const connection of this.#idle) connection.cut();
  }

  /** Notes an answer of another status, unless its client went away. */
  expect(exchange: Exchange, statuses: readonly number[], what: string): void {
    if (exchange.hasLeft || statuses.includes(exchange.status)) return;
    this.fail(exchange, `to ${what} is ${exchange.status}`);
  }

  /** Notes what is wrong with an answer; only the first counts. */
  fail({ request, text }: Exchange, problem: string): void {
    this.failure ??= new Error(`The answer ${problem}\n${JSON.stringify(request)}\n-> ${text}`);
  }

  #follow(exchange: Exchange, user: User, home: Session | string | undefined): void {
    const sse = new SseReader();
    const seen = new Set<string>();
    let read = 0;
    const check = (work: () => void) => {
      try {
        work();
      } catch (error) {
        this.failure ??= describe(error, exchange);
      }
    };
    exchange.onText = () => {
      if (!exchange.isSse) return;
      const piece = exchange.text.slice(read);
      read = exchange.text.length;
      check(() => {
        for (const { id, data } of sse.push(piece)) {
          if (id !== undefined) this.#event(id, data, home, seen);
          if (data !== '') this.#message(JSON.parse(data), home);
        }
      });
    };
    void exchange.over.then(() => {
      this.tally.count(exchange);
      if (exchange.isComplete && exchange.header('connection') !== 'close')
        this.#idle.push(exchange.connection);
      check(() => {
        if (!exchange.isComplete) return assert(exchange.hasLeft, 'breaks off');
        assertProper(exchange, user);
        if (!exchange.isSse) for (const message of messagesOf(exchange)) this.#message(message, home);
      });
    });
  }

  /** An id says one thing only, and once on a connection. */
  #event(id: string, data: string, home: Session | string | undefined, seen: Set<string>): void {
    assert(!seen.has(id), `gives the event ${id} twice`);
    seen.add(id);
    assert(typeof home === 'object', 'has event ids without a session');
    const before = home.events.get(id);
    assert(before === undefined || before === data, `says something else as event ${id}`);
    home.events.set(id, data);
  }

  #message(message: any, home: Session | string | undefined): void {
    const text = JSON.stringify(message);
    assert(!text.includes('FOREIGN'), 'holds the answer of somebody else');
    for (const [mark] of text.matchAll(MARK))
      assert(this.homes.get(mark) === home, `holds ${mark} of elsewhere`);
    if (message.method === 'notifications/resources/updated' && typeof home === 'object') {
      assert(home.isWatching, 'tells of a resource that was not asked for');
    }
    if (message.method !== 'elicitation/create' || typeof home !== 'object') return;
    if (this.questions.some(({ id }) => id === message.id)) return;
    this.questions.push({ id: message.id, session: home, call: message.params.message, taken: 0 });
  }
}

function describe(error: unknown, { request, head, text }: Exchange): Error {
  const { method, headers, body } = request;
  const sent = JSON.stringify({ method, headers, body });
  return new Error(`An answer ${(error as Error).message}\n${sent}\n-> ${head}\n\n${text.slice(0, 4000)}`);
}
