/** A request to the client, before anything decides how it travels. */
export interface Question {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number | undefined;
  readonly key: string | undefined;
}

/** Takes a question to the client and comes back with the `result` of its answer. */
export type Ask = (question: Question) => Promise<unknown>;
