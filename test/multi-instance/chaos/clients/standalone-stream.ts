import type { Announcement, Standalone } from '../history/history.js';
import type { Answer } from './exchange.js';
import type { LegacySession } from './legacy-session.js';
import { pause } from './pause.js';
import { readMessage } from './read-message.js';

/** How often, in events, a client breaks the connection by itself. */
const CUT_CHANCE = 0.05;

/** The GET stream of a session, opened again whenever it breaks. */
export class StandaloneStream {
  readonly record: Standalone;
  readonly #closed = new AbortController();
  readonly #running: Promise<void>;
  #lastEventId: string | undefined;
  /** Counts connections that were made without a position; none has the number 0. */
  #beginnings = 0;

  constructor(
    private readonly session: LegacySession,
    private readonly announcements: ReadonlyMap<string, Announcement>,
  ) {
    const { name } = session;
    this.record = {
      client: name,
      mark: `${name}/told`,
      seen: [],
      asked: 0,
      resumes: 0,
      beganAt: 0,
      refusals: [],
    };
    session.world.history.standalone.push(this.record);
    this.#running = this.#run();
  }

  /** The beginning of what can be resumed, whether it is connected or not; `undefined` without a position to resume from. */
  get unbroken(): number | undefined {
    return this.#lastEventId === undefined ? undefined : this.#beginnings;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { random, totals } = this.session.world;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      const resumed = this.#lastEventId;
      const answer = await this.session.get(resumed, signal).catch(() => undefined);
      if (answer?.events) {
        if (resumed === undefined) {
          this.record.beganAt = Date.now();
          this.#beginnings++;
        } else {
          this.record.resumes++;
          totals.resumes++;
        }
        await this.#read(answer);
      } else if (answer && answer.status !== 503 && !signal.aborted) {
        this.record.refusals.push({ status: answer.status, text: answer.text });
        this.#lastEventId = undefined;
      }
      await pause(random, 100, 500, signal);
    }
  }

  async #read({ events, cut }: Answer): Promise<void> {
    const { random, totals } = this.session.world;
    try {
      for await (const { id, data } of events ?? []) {
        if (id !== undefined) this.#lastEventId = id;
        if (data === '') continue;
        totals.events++;
        this.#take(JSON.parse(data), id);
        if (random.chance(CUT_CHANCE)) cut();
      }
    } catch {
      // It broke: there will be another one.
    }
  }

  #take(message: any, eventId: string | undefined): void {
    if (message.method !== 'notifications/resources/updated') {
      this.record.seen.push(readMessage(message, eventId));
      return;
    }
    const { uri } = message.params;
    const announcement = this.announcements.get(uri);
    if (announcement) announcement.heardAt.push(Date.now());
    else this.session.blame(`cross-delivered: ${this.session.name} heard of ${uri}`);
  }
}
