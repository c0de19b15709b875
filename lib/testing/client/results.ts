import type { GetPromptResult } from '../../protocol/types/prompts.js';
import type { ReadResourceResult } from '../../protocol/types/resources.js';
import type { CallToolResult } from '../../protocol/types/tools.js';

/**
 * The text of a result: of the text blocks of a tool's result, the messages of a prompt or the contents of a resource, a
 * line each. What is no text is left out.
 *
 * @publicApi
 */
export function textOf(result: CallToolResult | GetPromptResult | ReadResourceResult): string {
  return partsOf(result)
    .flatMap((part) => ('text' in part ? [part.text] : []))
    .join('\n');
}

function partsOf(result: CallToolResult | GetPromptResult | ReadResourceResult) {
  if ('messages' in result) return result.messages.map(({ content }) => content);
  return 'contents' in result ? result.contents : result.content;
}

/**
 * The structured content of a tool's result.
 *
 * @throws Error if the tool failed, or gave none; the message says what it gave instead
 * @publicApi
 */
export function structuredOf<T = Record<string, unknown>>(result: CallToolResult): T {
  if (result.isError) throw new Error(`The tool failed: ${textOf(result)}`);
  if (result.structuredContent === undefined) {
    throw new Error(`The result has no structuredContent, only: ${JSON.stringify(result.content)}`);
  }
  return result.structuredContent as T;
}
