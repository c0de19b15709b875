import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { SamplingContent, SamplingMessage } from '../protocol/types/sampling.js';

/**
 * Checks that each use of a tool is answered by the very next message, and that results of tools stand alone. Throws
 * `McpConfigurationError` for what no client may pass on to its model.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/sampling#tool-use-and-result-balance
 */
export function assertToolTurns(messages: readonly SamplingMessage[]): void {
  let open: readonly string[] = [];
  for (const { role, content } of messages) {
    const blocks = [content].flat() as readonly SamplingContent[];
    const results = blocks.flatMap((block) => (isResult(block) ? [block.toolUseId] : []));
    if (results.length > 0 && (role !== 'user' || results.length < blocks.length)) {
      throw misplaced('a message of the user that holds results of tools holds nothing else');
    }
    if (!isSame(open, results)) {
      throw misplaced('each use of a tool needs its result in the next message, and no other does');
    }
    open = blocks.flatMap((block) => (isUse(block) ? [block.id] : []));
  }
  if (open.length > 0) throw misplaced('the last message leaves the use of a tool without a result');
}

function isUse(block: SamplingContent): block is SamplingContent & { type: 'tool_use' } {
  return block.type === 'tool_use';
}

function isResult(block: SamplingContent): block is SamplingContent & { type: 'tool_result' } {
  return block.type === 'tool_result';
}

function isSame(ids: readonly string[], others: readonly string[]): boolean {
  return ids.length === others.length && ids.every((id) => others.includes(id));
}

function misplaced(rule: string): McpConfigurationError {
  return new McpConfigurationError(`ctx.sample(): ${rule}`);
}
