/** Most values one answer may hold. See https://modelcontextprotocol.io/specification/2026-07-28/schema#completeresult */
export const MAX_COMPLETION_VALUES = 100;

/**
 * Suggested values for an argument, best first.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion#completion-results
 * @publicApi
 */
export interface Completion {
  /** Only the first 100 are sent. */
  readonly values: readonly string[];
  /** How many there are altogether. @default the number of values given */
  readonly total?: number;
  /** True if there are more than were sent. @default derived from `total` */
  readonly hasMore?: boolean;
}
