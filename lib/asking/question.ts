import type { InputRequest } from '../protocol/input-required.js';

/** A request to the client, before anything decides how it travels. */
export interface Question {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number | undefined;
  /** Number of times it is asked again after a timeout. */
  readonly retries: number;
  /** Its name within the call. */
  readonly key: string;
}

/** Question that waits for its answer. */
export interface AskedQuestion {
  readonly method: InputRequest['method'];
  /** Digest of the question, by which a run that asks something else is found out; absent where no run is compared. */
  readonly question?: string;
}

/** Question with its answer. */
export interface AnsweredQuestion {
  /** Digest of the question, by which a run that asks something else is found out; absent for unsolicited answers. */
  readonly question?: string;
  readonly answer: unknown;
}

/** Names the questions of one run of a handler: the same in every run, as long as it asks in the same order. */
export class QuestionKeys {
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();

  /** Returns the key that was chosen, or one made from the kind and its order. Throws when it is taken. */
  take(kind: string, chosen?: string): string {
    const key = chosen ?? this.#next(kind);
    if (this.#taken.has(key)) {
      throw new TypeError(`Two questions of this call have the key "${key}": give each a key of its own`);
    }
    this.#taken.add(key);
    return key;
  }

  #next(kind: string): string {
    for (;;) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      const key = `${kind}_${count}`;
      if (!this.#taken.has(key)) return key;
    }
  }
}
