import type { ProtocolVersion } from '../../../../lib/protocol/protocol-version.js';
import type { Announcement, Call } from '../history/history.js';
import { watchHearing } from './announcing.js';
import { Calls, type Plan } from './calls.js';
import { LegacyCall } from './legacy-call.js';
import { LegacySession } from './legacy-session.js';
import { pause } from './pause.js';
import { StandaloneStream } from './standalone-stream.js';
import type { ChaosClient, World } from './world.js';

/** A session with its GET stream, in which two things are done at a time. Knows exactly which events it has seen. */
export class LegacyClient implements ChaosClient {
  readonly #session: LegacySession;
  readonly #calls: Calls;
  readonly #announcements = new Map<string, Announcement>();
  #stream: StandaloneStream | undefined;

  constructor(
    private readonly world: World,
    readonly name: string,
    version: ProtocolVersion,
  ) {
    this.#session = new LegacySession(world, name, version);
    this.#calls = new Calls(world, name, 'legacy');
  }

  get sessionId(): string {
    return this.#session.id;
  }

  async work(): Promise<void> {
    await this.#session.open();
    const stream = new StandaloneStream(this.#session, this.#announcements);
    this.#stream = stream;
    await Promise.all([this.#call(), this.#tellAndPublish(stream)]);
  }

  async close(): Promise<void> {
    await this.#stream?.close();
  }

  async #call(): Promise<void> {
    const { random, stop } = this.world;
    while (!stop.aborted) {
      await this.#make(this.#calls.plan());
      await pause(random, 50, 400, stop);
    }
  }

  async #tellAndPublish(stream: StandaloneStream): Promise<void> {
    const { random, stop } = this.world;
    for (let change = 1; !stop.aborted; change++) {
      await this.#tell(stream, random.between(1, 4));
      await pause(random, 100, 600, stop);
      await this.#publish(stream, `chaos://${this.name}/${change}`);
      // Not at once: a second announcement of the same change is to be heard.
      await this.#session.request('resources/unsubscribe', { uri: `chaos://${this.name}/${change - 1}` });
      await pause(random, 100, 600, stop);
    }
  }

  async #tell(stream: StandaloneStream, count: number): Promise<void> {
    const from = stream.record.asked + 1;
    stream.record.asked += count;
    await this.#make({
      tool: 'tell',
      args: { session: this.name, from, to: stream.record.asked },
      takesMs: 0,
    });
  }

  async #publish(stream: StandaloneStream, uri: string): Promise<void> {
    await this.#session.request('resources/subscribe', { uri });
    const announcement = { client: this.name, uri, publishedAt: Date.now(), heardAt: [], isOwed: false };
    this.#announcements.set(uri, announcement);
    this.world.history.announcements.push(announcement);
    await watchHearing(announcement, stream, this.world, () =>
      this.#make({ tool: 'publish', mark: uri, takesMs: 0 }),
    );
  }

  #make(plan: Plan): Promise<Call> {
    return this.#calls.make(plan, (call, signal) =>
      new LegacyCall(this.#session, call, { mark: call.mark, ...plan.args }, signal).run(),
    );
  }
}
