import { AskerLease } from './asker-lease.js';
import type { Ending, Question } from './question.js';
import type { RedisConnections } from './redis-connections.js';
import { forgetQuestion } from './scripts/forget-question.script.js';
import { decodeEnding } from './stored-ending.js';

/** A question that waits, as it is stored. */
const WAITING = 'W';

/** How much longer a question is stored than it waits: whoever asked removes it. */
const MARGIN_MS = 5_000;

/** The questions of this instance in Redis: each with a value of its own, and a pointer by which other instances find it. */
export class QuestionStore {
  readonly #lease: AskerLease;

  constructor(
    private readonly connections: RedisConnections,
    readonly asker: string,
  ) {
    this.#lease = new AskerLease(connections, asker);
  }

  /** Resolves when answers can be given, on whichever instance. */
  async add(question: Question): Promise<void> {
    const { keys } = this.connections;
    const ttlMs = question.remainingMs + MARGIN_MS;
    await Promise.all([
      this.connections.run((client) => client.set(this.#key(question), WAITING, 'PX', ttlMs)),
      this.connections.run((client) =>
        client.set(keys.asked(question.sessionId, question.requestId), this.#pointer(question), 'PX', ttlMs),
      ),
      this.#lease.begin(),
    ]);
  }

  /** The answer that was given while nobody could be told. A question that Redis has lost is stored again. */
  async check(question: Question): Promise<Ending | undefined> {
    const { keys } = this.connections;
    const given = await this.read(question);
    if (given) return given;
    const ttlMs = question.remainingMs + MARGIN_MS;
    const asked = keys.asked(question.sessionId, question.requestId);
    await this.connections.run((client) => client.set(this.#key(question), WAITING, 'PX', ttlMs, 'NX'));
    await this.connections.run((client) => client.set(asked, this.#pointer(question), 'PX', ttlMs, 'NX'));
    return undefined;
  }

  /** The answer that was given and not published itself. */
  async read(question: Question): Promise<Ending | undefined> {
    return toEnding(await this.connections.run((client) => client.get(this.#key(question))));
  }

  /** Removes a question, so that nobody else can answer it. @returns the answer if there is one already */
  async take(question: Question): Promise<Ending | undefined> {
    return toEnding(await this.connections.run((client) => client.getdel(this.#key(question))));
  }

  /** Removes what is left of a question. What cannot be removed expires. */
  async remove(question: Question): Promise<void> {
    const { keys } = this.connections;
    await Promise.allSettled([
      this.connections.run((client) => client.unlink(this.#key(question))),
      this.connections.run((client) =>
        forgetQuestion.run(
          client,
          [keys.asked(question.sessionId, question.requestId)],
          [this.#pointer(question)],
        ),
      ),
    ]);
  }

  renewLease(): void {
    this.#lease.renew();
  }

  /** Nothing is asked any more. */
  rest(): void {
    this.#lease.end();
  }

  #key({ token }: Question): string {
    return this.connections.keys.question(this.asker, token);
  }

  /** `1`, who asked, and the name of the question there. */
  #pointer({ token }: Question): string {
    return `1 ${this.asker} ${token}`;
  }
}

/** The part of a stored question after the name of who answered; `undefined` while it waits. */
function toEnding(stored: string | null): Ending | undefined {
  const separator = stored?.indexOf(' ') ?? -1;
  return stored === null || separator < 0 ? undefined : decodeEnding(stored.slice(separator + 1));
}
