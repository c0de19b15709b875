import { exchange } from './exchange.js';
import type { Call, Ending } from '../history/history.js';
import { LegacyCall } from './legacy-call.js';
import { LegacySession } from './legacy-session.js';
import { Patience } from './patience.js';
import { pause } from './pause.js';
import type { ChaosClient, World } from './world.js';

/** Messages and pace of calls that are to be cancelled: none comes to its end by itself. */
const ENDLESS = { count: 500, paceMs: 100 };

/** Sessions one after the other: in each a call that is cancelled, maybe a second one that is not, and then its end. */
export class LeavingClient implements ChaosClient {
  /** Its sessions are ended by itself. */
  readonly sessionId = undefined;
  #count = 0;

  constructor(
    private readonly world: World,
    readonly name: string,
  ) {}

  async work(): Promise<void> {
    const { random, stop } = this.world;
    while (!stop.aborted) {
      const session = new LegacySession(this.world, this.name, '2025-11-25');
      await session.open();
      await this.#cancelOne(session);
      const running = random.chance(0.5) ? this.#begin(session) : undefined;
      await pause(random, 50, 500, stop);
      await this.#leave(session);
      await running?.end();
    }
  }

  async close(): Promise<void> {}

  async #cancelOne(session: LegacySession): Promise<void> {
    const { random, totals } = this.world;
    const { call, legacyCall, running, patience } = this.#begin(session);
    await pause(random, 100, 1_000);
    let ending: Ending | undefined;
    void running.then((given) => (ending = given));
    const body = {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: legacyCall.id, reason: 'enough' },
    };
    // A cancellation has no answer: one that met an outage is sent again.
    while (!ending && !patience.signal.aborted) {
      const answer = await session.post(body).catch(() => undefined);
      if (answer?.status === 404) session.blame(`wrong 404: a cancellation of ${this.name}: ${answer.text}`);
      await pause(random, 200, 1_000);
    }
    patience.end();
    totals.cancellations++;
    const given = await running;
    if (given.kind === 'hang') session.blame(`hang: ${call.mark} went on although it was cancelled`);
    if (given.kind === 'result') session.blame(`failed: ${call.mark} was answered although it was cancelled`);
  }

  #begin(session: LegacySession) {
    const { history } = this.world;
    const mark = `${this.name}/${++this.#count}`;
    const call: Call = {
      mark,
      client: this.name,
      tool: 'count',
      era: 'legacy',
      isOfficial: false,
      isRepeatable: false,
      startedAt: Date.now(),
      takesMs: 0,
      isComplete: false,
      isDoubtful: true,
      seen: [],
      answers: [],
      resumes: 0,
    };
    const patience = new Patience(history.outages, 2_000);
    const legacyCall = new LegacyCall(session, call, { mark, ...ENDLESS }, patience.signal);
    const running = legacyCall.run().catch((): Ending => ({ kind: 'hang' }));
    const end = async () => {
      const { kind } = await running;
      patience.end();
      if (kind === 'hang') session.blame(`hang: ${mark} went on although its session had ended`);
    };
    return { call, legacyCall, running, patience, end };
  }

  /** Ends the session, and sees that it is gone everywhere. */
  async #leave(session: LegacySession): Promise<void> {
    const { random, totals } = this.world;
    const patience = new Patience(this.world.history.outages, 0);
    try {
      for (let isDoubtful = false; ;) {
        const status = await this.#ask('DELETE', session);
        if (status === 204 || (status === 404 && isDoubtful)) break;
        if (status !== undefined && status !== 503)
          return session.blame(`wrong ${status}: the end of a session of ${this.name}`);
        isDoubtful = true;
        if (patience.signal.aborted)
          return session.blame(`hang: a session of ${this.name} could not be ended`);
        await pause(random, 100, 400);
      }
      totals.ended++;
      for (let asked = 0; asked < 3;) {
        const status = await this.#ask('POST', session);
        if (status !== undefined && status !== 503 && status !== 404)
          return session.blame(`undead: a session of ${this.name} answered ${status} after its end`);
        if (status === 404 || patience.signal.aborted) asked++;
        else await pause(random, 100, 400);
      }
    } finally {
      patience.end();
    }
  }

  /** Status of the answer; `undefined` without one. */
  async #ask(method: 'DELETE' | 'POST', { headers }: LegacySession): Promise<number | undefined> {
    this.world.totals.requests++;
    const body = method === 'POST' ? { jsonrpc: '2.0', id: 1, method: 'ping' } : undefined;
    const sent = { method, headers, ...(body && { body }) };
    return (await exchange(this.world.url, sent).catch(() => undefined))?.status;
  }
}
