import { legacy } from '../../../support/http.js';
import type { SseEvent } from '../../../support/sse.js';
import type { Call, Ending } from '../history/history.js';
import type { Answer } from './exchange.js';
import type { LegacySession } from './legacy-session.js';
import { pause } from './pause.js';
import { endingOf, readMessage, refusalOf } from './read-message.js';

/** How often a client breaks a connection that it could keep. */
const CUT_CHANCE = 0.3;

/** One call in a session, followed from connection to connection until its answer is there. */
export class LegacyCall {
  /** Of its request. */
  readonly id: number;
  readonly #body: { readonly id: unknown };
  readonly #answering: Promise<void>[] = [];
  #lastEventId: string | undefined;
  #ending: Ending | undefined;
  /** Number of events after which the client itself breaks the connection. */
  #cutAfter = Infinity;

  constructor(
    private readonly session: LegacySession,
    private readonly call: Call,
    args: object,
    private readonly signal: AbortSignal,
  ) {
    const { random } = session.world;
    if (random.chance(CUT_CHANCE)) this.#cutAfter = random.between(1, 5);
    const params = { name: call.tool, arguments: args, _meta: { progressToken: call.mark } };
    this.#body = legacy('tools/call', params);
    this.id = this.#body.id as number;
  }

  /** Rejects when the signal is aborted. */
  async run(): Promise<Ending> {
    try {
      const answer = await this.session
        .post(this.#body, this.session.headers, this.signal)
        .catch(() => undefined);
      this.signal.throwIfAborted();
      if (!answer) return { kind: 'broken' };
      if (answer.events) return await this.#follow(answer);
      return refusalOf(answer, false) ?? this.#take(JSON.parse(answer.text), undefined);
    } finally {
      await Promise.all(this.#answering);
    }
  }

  /** Also after the answer, until the stream is over: nothing else may come. */
  async #follow(first: Answer): Promise<Ending> {
    for (let answer = first; ;) {
      const isOver = await this.#read(answer);
      if (this.#ending && isOver) return this.#ending;
      this.signal.throwIfAborted();
      if (this.#lastEventId === undefined) return { kind: 'broken' };
      this.call.resumes++;
      this.session.world.totals.resumes++;
      const next = await this.#resume(this.#lastEventId);
      // There is nothing more to come.
      if (this.#ending && next.status === 405) return this.#ending;
      const refusal = refusalOf(next, true);
      if (refusal) return refusal;
      answer = next;
    }
  }

  /** @returns whether the server ended it, rather than the connection breaking */
  async #read({ events, cut }: Answer): Promise<boolean> {
    try {
      for await (const event of events ?? []) {
        this.#receive(event);
        if (this.call.seen.length < this.#cutAfter) continue;
        this.#cutAfter = Infinity;
        if (this.#lastEventId !== undefined && !this.#ending) {
          cut();
          return false;
        }
      }
      return true;
    } catch {
      return false;
    }
  }

  async #resume(lastEventId: string): Promise<Answer> {
    const { random } = this.session.world;
    for (;;) {
      await pause(random, 50, 500, this.signal);
      this.signal.throwIfAborted();
      const answer = await this.session.get(lastEventId, this.signal).catch(() => undefined);
      this.signal.throwIfAborted();
      if (answer && answer.status !== 503) return answer;
    }
  }

  #receive({ id, data }: SseEvent): void {
    if (id !== undefined) this.#lastEventId = id;
    if (data === '') return;
    this.session.world.totals.events++;
    const message = JSON.parse(data);
    if (message.method === 'elicitation/create') return this.#asked(message, id);
    this.#take(message, id);
  }

  #take(message: any, eventId: string | undefined): Ending {
    this.call.seen.push(readMessage(message, eventId));
    if (message.id === this.id && message.method === undefined) this.#ending ??= endingOf(message);
    else if (message.id !== undefined) {
      this.session.blame(
        `cross-delivered: ${this.call.tool} ${this.call.mark} got ${JSON.stringify(message)}`,
      );
    }
    return this.#ending ?? { kind: 'broken' };
  }

  #asked({ id, params }: any, eventId: string | undefined): void {
    this.call.seen.push({ at: Date.now(), mark: params.message, ...(eventId !== undefined && { eventId }) });
    const answer = { token: `${this.call.mark}:${id}`, statuses: [] };
    this.call.answers.push(answer);
    this.#answering.push(this.#answer(id, answer));
  }

  /** Until somebody has said whether it was taken, or the call is over. */
  async #answer(id: unknown, { token, statuses }: { token: string; statuses: number[] }): Promise<void> {
    const { random, totals } = this.session.world;
    const body = { jsonrpc: '2.0', id, result: { action: 'accept', content: { token } } };
    await pause(random, 0, 600, this.signal);
    while (!this.signal.aborted && !this.#ending) {
      const answer = await this.session.post(body, this.session.headers, this.signal).catch(() => undefined);
      if (this.signal.aborted) return;
      statuses.push(answer?.status ?? 0);
      if (answer?.status === 202) totals.questionsAnswered++;
      if (answer && answer.status !== 503) return;
      await pause(random, 100, 400, this.signal);
    }
  }
}
