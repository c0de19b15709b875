import { modern } from '../../../support/http.js';
import type { Announcement } from '../history/history.js';
import { exchange, type Answer } from './exchange.js';
import { pause } from './pause.js';
import type { World } from './world.js';

const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

/** A `subscriptions/listen` stream of 2026-07-28, opened again whenever it breaks. */
export class ListenStream {
  readonly #closed = new AbortController();
  readonly #running: Promise<void>;
  #count = 0;
  #isConnected = false;

  constructor(
    private readonly world: World,
    private readonly name: string,
    private readonly uris: readonly string[],
    private readonly announcements: ReadonlyMap<string, Announcement>,
  ) {
    this.#running = this.#run();
  }

  /** Which acknowledged stream there is now, if there is one: none can be resumed. */
  get unbroken(): number | undefined {
    return this.#isConnected ? this.#count : undefined;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { random, totals, url } = this.world;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      const [body, headers] = modern('subscriptions/listen', {
        notifications: { resourceSubscriptions: this.uris },
      });
      totals.requests++;
      const answer = await exchange(url, { method: 'POST', headers, body, signal }).catch(() => undefined);
      if (answer?.events) await this.#read(answer, (body as { id: number }).id);
      else if (answer && answer.status !== 503)
        this.#blame(`could not listen: ${answer.status} ${answer.text}`);
      await pause(random, 100, 500, signal);
    }
  }

  async #read({ events }: Answer, id: number): Promise<void> {
    this.#count++;
    try {
      for await (const { data } of events ?? []) {
        if (data === '') continue;
        this.world.totals.events++;
        this.#take(JSON.parse(data), id);
      }
    } catch {
      // It broke: there will be another one.
    } finally {
      this.#isConnected = false;
    }
  }

  #take(message: any, id: number): void {
    const { method, params = {} } = message;
    if (method === undefined) return;
    if (params._meta?.[SUBSCRIPTION_ID] !== id)
      this.#blame(`heard what is for ${params._meta?.[SUBSCRIPTION_ID]}`);
    if (method === 'notifications/subscriptions/acknowledged') {
      this.#isConnected = true;
      return;
    }
    if (!this.#isConnected) this.#blame(`heard ${method} before it was acknowledged`);
    const announcement = this.announcements.get(params.uri);
    if (announcement) announcement.heardAt.push(Date.now());
    else this.#blame(`heard of ${params.uri}`);
  }

  #blame(what: string): void {
    this.world.history.incidents.push({ at: Date.now(), what: `cross-delivered: ${this.name} ${what}` });
  }
}
