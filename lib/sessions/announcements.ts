/** Way to tell sessions something. */
interface Telling<S> {
  /** Resolves with whether there was something to tell. Never rejects. */
  tell(session: S, text: string): Promise<boolean>;
  /** Resolves when the client has taken what is told next; `undefined` where that is not known here. */
  taken(session: S): Promise<void> | undefined;
}

/**
 * Queues of what sessions are to hear of, in order and no faster than they take it. Equal texts are told once however often
 * they come while they wait: what waits for a slow client is no more than it asked to hear of.
 */
export class Announcements<S extends object> {
  readonly #queues = new WeakMap<S, Set<string>>();

  constructor(private readonly telling: Telling<S>) {}

  /** Resolves when it is told, or waits for its turn. */
  async add(session: S, text: string): Promise<void> {
    const queue = this.#queues.get(session);
    if (queue) return void queue.add(text);
    const texts = new Set<string>();
    this.#queues.set(session, texts);
    const taken = this.telling.taken(session);
    const isTold = await this.telling.tell(session, text);
    void this.#tellRest(session, texts, isTold ? taken : undefined);
  }

  async #tellRest(session: S, texts: Set<string>, first: Promise<void> | undefined): Promise<void> {
    await first;
    for (const text of texts) {
      // From here on it may have to be said again.
      texts.delete(text);
      const taken = this.telling.taken(session);
      if (await this.telling.tell(session, text)) await taken;
    }
    this.#queues.delete(session);
  }
}
