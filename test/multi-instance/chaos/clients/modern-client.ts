import type { Announcement, Call } from '../history/history.js';
import { watchHearing } from './announcing.js';
import { Calls, type Plan } from './calls.js';
import { ListenStream } from './listen-stream.js';
import { ModernCall } from './modern-call.js';
import { pause } from './pause.js';
import type { ChaosClient, World } from './world.js';

/** Changes one subscription is for; then there is another one. */
const CHANGES = 200;

/** A client of 2026-07-28: one subscription, and two calls at a time. */
export class ModernClient implements ChaosClient {
  readonly sessionId = undefined;
  readonly #calls: Calls;
  readonly #announcements = new Map<string, Announcement>();
  #listening: ListenStream | undefined;

  constructor(
    private readonly world: World,
    readonly name: string,
  ) {
    this.#calls = new Calls(world, name, 'modern');
  }

  async work(): Promise<void> {
    await Promise.all([this.#call(), this.#call(), this.#publishAll()]);
  }

  async close(): Promise<void> {
    await this.#listening?.close();
  }

  async #call(): Promise<void> {
    const { random, stop } = this.world;
    while (!stop.aborted) {
      await this.#make(this.#calls.plan());
      await pause(random, 50, 400, stop);
    }
  }

  async #publishAll(): Promise<void> {
    const { random, stop } = this.world;
    for (let change = 0; !stop.aborted; change++) {
      if (change % CHANGES === 0) await this.#listen(change);
      await this.#publish(this.#listening as ListenStream, this.#uri(change));
      await pause(random, 300, 1_000, stop);
    }
  }

  async #listen(first: number): Promise<void> {
    await this.#listening?.close();
    const uris = Array.from({ length: CHANGES }, (_, index) => this.#uri(first + index));
    this.#listening = new ListenStream(this.world, this.name, uris, this.#announcements);
  }

  async #publish(stream: ListenStream, uri: string): Promise<void> {
    const announcement = { client: this.name, uri, publishedAt: Date.now(), heardAt: [], isOwed: false };
    this.#announcements.set(uri, announcement);
    this.world.history.announcements.push(announcement);
    await watchHearing(announcement, stream, this.world, () =>
      this.#make({ tool: 'publish', mark: uri, takesMs: 0 }),
    );
  }

  #uri(change: number): string {
    return `chaos://${this.name}/${change}`;
  }

  #make(plan: Plan): Promise<Call> {
    return this.#calls.make(plan, (call, signal) =>
      new ModernCall(this.world, call, { mark: call.mark, ...plan.args }, signal).run(),
    );
  }
}
