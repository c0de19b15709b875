/** How one is told. */
interface Telling<S> {
  /** Resolves with whether there was something to tell. Never rejects. */
  tell(session: S, text: string): Promise<boolean>;
  /** Resolves when the client has taken what is told next; `undefined` where nobody here can say so. */
  taken(session: S): Promise<void> | undefined;
}

/**
 * What sessions are to hear of, in order and no faster than they take it. The same is said once however often it comes while
 * it waits: what waits for a slow client is no more than it asked to hear of.
 */
export class Announcements<S extends object> {
  readonly #waiting = new WeakMap<S, Set<string>>();

  constructor(private readonly telling: Telling<S>) {}

  /** Resolves when it is told, or waits for its turn. */
  async add(session: S, text: string): Promise<void> {
    const waiting = this.#waiting.get(session);
    if (waiting) return void waiting.add(text);
    const texts = new Set<string>();
    this.#waiting.set(session, texts);
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
    this.#waiting.delete(session);
  }
}
