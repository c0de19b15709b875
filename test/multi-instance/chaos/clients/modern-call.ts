import { modern } from '../../../support/http.js';
import type { Call, Ending } from '../history/history.js';
import { exchange, type Answer } from './exchange.js';
import { HESITATION_MS } from './calls.js';
import { pause } from './pause.js';
import { endingOf, readMessage, refusalOf } from './read-message.js';
import type { World } from './world.js';

/** Parameters of a retry: the answers, and the state to be given back. */
interface Round {
  readonly inputResponses?: object;
  readonly requestState?: string;
}

/** One call of 2026-07-28: as many requests as the server has questions, each of which may have to be sent again. */
export class ModernCall {
  constructor(
    private readonly world: World,
    private readonly call: Call,
    private readonly args: object,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<Ending> {
    let round: Round = {};
    for (;;) {
      const outcome = await this.#request(round);
      if ('kind' in outcome) {
        if (round.requestState === undefined || !this.#isPassing(outcome)) return outcome;
        // It is unknown whether the round before was heard; messages sent meanwhile may be lost.
        this.call.isDoubtful = true;
        this.call.isComplete = false;
        await pause(this.world.random, 100, 400, this.signal);
        this.signal.throwIfAborted();
        continue;
      }
      this.world.totals.parkedCalls++;
      await pause(this.world.random, 0, HESITATION_MS, this.signal);
      round = { inputResponses: this.#answers(outcome.inputRequests), requestState: outcome.requestState };
      this.world.totals.questionsAnswered++;
    }
  }

  /** The ending, or what the server asks. */
  async #request(
    round: Round,
  ): Promise<Ending | { inputRequests: Record<string, any>; requestState: string }> {
    const params = { name: this.call.tool, arguments: this.args, ...round };
    const [body, headers] = modern('tools/call', params, {
      capabilities: { elicitation: {} },
      meta: { progressToken: this.call.mark, 'io.modelcontextprotocol/logLevel': 'info' },
    });
    const { id } = body as { id: number };
    this.world.totals.requests++;
    const sent = { method: 'POST', headers, body, signal: this.signal } as const;
    const answer = await exchange(this.world.url, sent).catch(() => undefined);
    this.signal.throwIfAborted();
    if (!answer) return { kind: 'broken' };
    const response = answer.events
      ? await this.#read(answer, id)
      : (refusalOf(answer, false) ?? JSON.parse(answer.text));
    if (!response) return { kind: 'broken' };
    if ('kind' in response) return response as Ending;
    if (response.result?.resultType === 'input_required') return response.result;
    this.call.seen.push(readMessage(response, undefined));
    return endingOf(response);
  }

  /** The response at the end of a stream, if it comes. */
  async #read({ events }: Answer, id: number): Promise<any> {
    let response: any;
    try {
      for await (const { data } of events ?? []) {
        if (data === '') continue;
        this.world.totals.events++;
        const message = JSON.parse(data);
        if (message.id === id && response === undefined) response = message;
        else if (message.id === undefined) this.call.seen.push(readMessage(message, undefined));
        else this.#blame(message);
      }
    } catch {
      this.signal.throwIfAborted();
    }
    return response;
  }

  #answers(inputRequests: Record<string, any>): object {
    const entries = Object.entries(inputRequests).map(([key, { params }]) => {
      if (params.message !== this.call.mark) this.#blame(params);
      const token = `${this.call.mark}:${key}`;
      this.call.answers.push({ token, statuses: [] });
      return [key, { action: 'accept', content: { token } }];
    });
    return Object.fromEntries(entries);
  }

  #isPassing({ kind }: Ending): boolean {
    return kind === 'broken' || kind === 'unavailable';
  }

  #blame(message: unknown): void {
    const what = `cross-delivered: ${this.call.tool} ${this.call.mark} got ${JSON.stringify(message)}`;
    this.world.history.incidents.push({ at: Date.now(), what });
  }
}
