import type { ProtocolVersion } from '../../../../lib/protocol/protocol-version.js';
import { legacy } from '../../../support/http.js';
import { exchange, type Answer } from './exchange.js';
import { Patience } from './patience.js';
import { pause } from './pause.js';
import type { World } from './world.js';

const ACCEPT = 'application/json, text/event-stream';

/** A session of a revision before 2026-07-28, and the requests of it that may be sent until they succeed. */
export class LegacySession {
  #id = '';

  constructor(
    readonly world: World,
    readonly name: string,
    readonly version: ProtocolVersion,
  ) {}

  get id(): string {
    return this.#id;
  }

  get headers(): Record<string, string> {
    const isSaid = this.version !== '2025-03-26';
    return {
      accept: ACCEPT,
      'mcp-session-id': this.#id,
      ...(isSaid && { 'mcp-protocol-version': this.version }),
    };
  }

  async open(): Promise<void> {
    const params = {
      protocolVersion: this.version,
      clientInfo: { name: this.name, version: '1.0.0' },
      capabilities: { elicitation: {} },
    };
    const { headers } = await this.#untilAnswered('initialize', () =>
      this.post(legacy('initialize', params), { accept: ACCEPT }),
    );
    this.#id = String(headers['mcp-session-id']);
    this.world.totals.sessions++;
    await this.request('logging/setLevel', { level: 'info' });
  }

  /** A request that does no harm twice. */
  async request(method: string, params: object): Promise<void> {
    await this.#untilAnswered(method, () => this.post(legacy(method, params)));
  }

  post(body: unknown, headers = this.headers, signal?: AbortSignal): Promise<Answer> {
    this.world.totals.requests++;
    return exchange(this.world.url, { method: 'POST', headers, body, ...(signal && { signal }) });
  }

  get(lastEventId: string | undefined, signal: AbortSignal): Promise<Answer> {
    this.world.totals.requests++;
    const headers = { ...this.headers, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
    return exchange(this.world.url, { method: 'GET', headers, signal });
  }

  blame(what: string): void {
    this.world.history.incidents.push({ at: Date.now(), what });
  }

  async #untilAnswered(what: string, send: () => Promise<Answer>): Promise<Answer> {
    const { history, random } = this.world;
    const patience = new Patience(history.outages, 0);
    try {
      for (;;) {
        const answer = await send().catch(() => undefined);
        if (answer?.status === 200) return answer;
        if (answer?.status === 404) this.blame(`wrong 404: ${what} of ${this.name}: ${answer.text}`);
        if (patience.signal.aborted) {
          const last = answer ? `${answer.status} ${answer.text}` : 'no answer';
          throw new Error(`${what} of ${this.name} did not succeed in a whole system: ${last}`);
        }
        await pause(random, 100, 400);
      }
    } finally {
      patience.end();
    }
  }
}
