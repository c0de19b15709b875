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
