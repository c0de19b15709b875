/** Way to tell sessions something. */
interface Telling<S> {
  /** Resolves with whether there was something to tell. Never rejects. `key` names it in the log of the session. */
  tell(session: S, text: string, key: string | undefined): Promise<boolean>;
  /** Resolves when the client has taken what is told next; `undefined` where that is not known here. */
  taken(session: S): Promise<void> | undefined;
}

/** Announcement that waits for its turn. */
interface Waiting {
  key: string | undefined;
  readonly told: Promise<void>;
  readonly onTold: () => void;
}

/**
 * Queues of what sessions are to hear of, in order and no faster than they take it. The same is told once however often it
 * comes while it waits: what waits for a slow client is no more than it asked to hear of.
 */
export class Announcements<S extends object> {
  readonly #queues = new WeakMap<S, Map<string, Waiting>>();

  constructor(private readonly telling: Telling<S>) {}

  /** Resolves when it is told. */
  async add(session: S, text: string, key?: string): Promise<void> {
    const queue = this.#queues.get(session);
    if (queue) return enqueue(queue, text, key);
    const texts = new Map<string, Waiting>();
    this.#queues.set(session, texts);
    const taken = this.telling.taken(session);
    const isTold = await this.telling.tell(session, text, key);
    void this.#tellRest(session, texts, isTold ? taken : undefined);
  }

  async #tellRest(session: S, texts: Map<string, Waiting>, first: Promise<void> | undefined): Promise<void> {
    await first;
    for (const [text, { key, onTold }] of texts) {
      // From here on it may have to be said again.
      texts.delete(text);
      const taken = this.telling.taken(session);
      const isTold = await this.telling.tell(session, text, key);
      onTold();
      if (isTold) await taken;
    }
    this.#queues.delete(session);
  }
}

function enqueue(queue: Map<string, Waiting>, text: string, key: string | undefined): Promise<void> {
  const same = queue.get(text);
  if (same) {
    same.key = key;
    return same.told;
  }
  let onTold = () => {};
  const told = new Promise<void>((resolve) => (onTold = resolve));
  queue.set(text, { key, told, onTold });
  return told;
}
