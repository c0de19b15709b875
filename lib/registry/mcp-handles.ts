import { McpConfigurationError } from '../protocol/configuration.error.js';

/** Random bytes of an id: 144 bits, which no caller guesses. */
export const HANDLE_BYTES = 18;

const ID_CHARACTERS = (HANDLE_BYTES * 4) / 3;

/** Lifetime of a handle, where it differs from what the server gives. */
export interface HandleOptions {
  /**
   * Milliseconds from now on that the value is kept. Required for callers without a principal where the module option
   * `handles.ttlMs` is not set: for them the id is the only protection, and any caller that has it has the value.
   * @default the module option `handles.ttlMs`; 24 hours for callers with a principal
   */
  readonly ttlMs?: number;
}

/**
 * Values of one kind that outlive a request and are named by an id, which the tool returns to the model and takes as an
 * argument of a later call. Every instance sees the same. For all revisions and transports, with and without sessions.
 *
 * A value belongs to the principal that made it and to this server. An id that is unknown, expired, of another kind,
 * principal or server is always the same `McpHandleError`, which becomes a tool error that the model can act on.
 *
 * @publicApi
 */
export interface McpHandles<T = unknown> {
  /**
   * Keeps a copy of a JSON value under a new id, such as `cart_7Zk…`. Where handlers run again from the top to go on after
   * a question, this belongs inside `ctx.once()`.
   *
   * @throws RangeError when the value is not JSON.
   * @throws McpHandleError when it is too large, or the caller has too many.
   */
  create(value: T, options?: HandleOptions): Promise<string>;

  /**
   * A copy of the value.
   *
   * @throws McpHandleError when there is none.
   */
  get(id: string): Promise<T>;

  /**
   * Replaces the value by what `change` makes of a copy of it, atomically: when another call has changed the value meanwhile,
   * on this instance or another, `change` runs again with the newer one. So it may run several times and is to have no
   * other effects. The value lives as long as it would have, or `ttlMs` from now on.
   *
   * @returns the value as it is kept now
   * @throws McpHandleError when there is none, the new value is too large, or others change it all the time.
   * @throws RangeError when the new value is not JSON.
   */
  update(id: string, change: (value: T) => T | Promise<T>, options?: HandleOptions): Promise<T>;

  /** Removes the value. @returns whether there was one */
  delete(id: string): Promise<boolean>;
}

/**
 * Form of the ids of a kind, for input schemas: `@Matches(handlePattern('cart'))` of a class,
 * `z.string().regex(handlePattern('cart'))`. Says nothing of whether there is such a value.
 *
 * @throws McpConfigurationError when no kind can have this name.
 * @publicApi
 */
export function handlePattern(kind: string): RegExp {
  if (typeof kind !== 'string' || !/^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(kind)) {
    throw new McpConfigurationError(
      `A kind of handles is 1 to 32 letters, digits and hyphens and begins with a letter, such as "cart", not ${JSON.stringify(kind)}`,
    );
  }
  return new RegExp(`^${kind}_[A-Za-z0-9_-]{${ID_CHARACTERS}}$`);
}
