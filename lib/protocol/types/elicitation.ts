import type { Meta } from '../request-meta.js';

/**
 * The answer to an elicitation: the user agreed, refused, or dismissed the question. `content` is there, and valid against the schema asked for, only with `accept`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 * @publicApi
 */
export type ElicitResult<T = Record<string, unknown>> =
  | { readonly action: 'accept'; readonly content: T; readonly _meta?: Meta }
  | { readonly action: 'decline' | 'cancel'; readonly content?: undefined; readonly _meta?: Meta };
