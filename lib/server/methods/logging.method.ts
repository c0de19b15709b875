import { invalidParams } from '../../protocol/mcp.error.js';
import { isLogLevel, LOG_LEVELS } from '../../protocol/types/logging.js';
import type { Method } from '../../calls/call.js';

/**
 * Kept for the session. Without one there is nowhere to keep it: the request is checked and accepted.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/logging
 */
export const setLogLevel: Method = async ({ request, session }) => {
  const level = request.params?.['level'];
  if (!isLogLevel(level)) throw invalidParams(`level must be one of ${LOG_LEVELS.join(', ')}`);
  await session?.setLogLevel(level);
  return {};
};
