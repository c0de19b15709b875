/**
 * An implementation under test, on a store of its own that nothing else uses.
 *
 * @publicApi
 */
export interface ContractSubject<A> {
  readonly adapter: A;
  /** Opens a second implementation on the same store: the same adapter as another instance of the server sees it. */
  another(): Promise<A>;
  /** Closes whatever was opened and removes the store. */
  dispose?(): Promise<void>;
}

/**
 * One promise that every implementation keeps, for any test runner:
 *
 * ```ts
 * for (const { name, run } of contract) it(name, () => run(create));
 * ```
 *
 * `run` rejects with an `AssertionError` when the promise is broken. Cases need no order and share nothing.
 *
 * @publicApi
 */
export interface ContractCase<A> {
  readonly name: string;
  run(create: () => ContractSubject<A> | Promise<ContractSubject<A>>): Promise<void>;
}

/** Defines a case: opens a subject, runs the body, disposes of the subject whatever happened. */
export function contractCase<A>(
  name: string,
  body: (subject: ContractSubject<A>) => Promise<void>,
): ContractCase<A> {
  return {
    name,
    async run(create) {
      const subject = await create();
      try {
        await body(subject);
      } finally {
        await subject.dispose?.();
      }
    },
  };
}

/** The same cases for adapters that may lack what `complete` adds, as the module does. One adapter is completed once. */
export function completing<A extends object, G extends object>(
  cases: readonly ContractCase<A>[],
  complete: (given: G) => A,
): readonly ContractCase<G>[] {
  return cases.map((each) => ({
    name: each.name,
    run: (create) =>
      each.run(async () => {
        const subject = await create();
        const known = new WeakMap<G, A>();
        const completed = (given: G) => {
          const adapter = known.get(given) ?? complete(given);
          known.set(given, adapter);
          return adapter;
        };
        return {
          adapter: completed(subject.adapter),
          another: async () => completed(await subject.another()),
          dispose: async () => subject.dispose?.(),
        };
      }),
  }));
}
