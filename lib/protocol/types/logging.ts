/** Severities in rising order. */
export const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;

/**
 * Severity of a log message.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/logging#log-levels
 * @publicApi
 */
export type McpLogLevel = (typeof LOG_LEVELS)[number];

export function isLogLevel(value: unknown): value is McpLogLevel {
  return (LOG_LEVELS as readonly unknown[]).includes(value);
}

/** Checks whether a message of `level` is sent to a client that asked for `threshold` and above. */
export function isLogged(level: McpLogLevel, threshold: McpLogLevel | undefined): boolean {
  return threshold !== undefined && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(threshold);
}
