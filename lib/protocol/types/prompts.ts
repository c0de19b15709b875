import type { Meta } from '../request-meta.js';
import type { ContentBlock } from './content.js';
import type { McpIcon } from './implementation.js';

/**
 * One argument of a prompt. Its value is a string on the wire.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#promptargument
 * @publicApi
 */
export interface PromptArgument {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** @default false */
  readonly required?: boolean;
}

/**
 * A prompt as `prompts/list` shows it.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts#prompt
 * @publicApi
 */
export interface Prompt {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments?: readonly PromptArgument[];
  readonly icons?: readonly McpIcon[];
  readonly _meta?: Meta;
}

/**
 * One message of a prompt.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts#promptmessage
 * @publicApi
 */
export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly content: ContentBlock;
}

/**
 * The whole result of getting a prompt, for handlers that want to say everything themselves.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#getpromptresult
 * @publicApi
 */
export interface GetPromptResult {
  readonly description?: string;
  readonly messages: readonly PromptMessage[];
  readonly _meta?: Meta;
}
