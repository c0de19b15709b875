import { invalidParams } from '../../protocol/mcp.error.js';
import { isLogLevel, LOG_LEVELS } from '../../protocol/types/logging.js';
import type { Method } from './index.js';

/**
 * Without a session there is nowhere to keep the level, so the request is checked and accepted.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/logging
 */
export const setLogLevel: Method = ({ request }) => {
  if (!isLogLevel(request.params?.['level'])) {
    throw invalidParams(`level must be one of ${LOG_LEVELS.join(', ')}`);
  }
  return {};
};
