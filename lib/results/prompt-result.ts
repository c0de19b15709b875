import { isObject } from '../protocol/json-rpc.js';
import type { GetPromptResult, PromptMessage } from '../protocol/types/prompts.js';
import { isContentBlock, sentBlock, withoutNull } from './content.js';

/**
 * Turns whatever a handler returned into the result of getting a prompt: text and content blocks become messages of the
 * user, messages and a full result are taken as they are. Throws a `TypeError` for anything else.
 */
export function toPromptResult(value: unknown, description: string | undefined): GetPromptResult {
  if (isObject(value) && Array.isArray(value['messages'])) {
    const { messages, ...rest } = value;
    return {
      ...described(description),
      ...withoutNull(rest),
      messages: (messages as unknown[]).map(toMessage),
    };
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return { ...described(description), messages: items.map(toMessage) };
}

function described(description: string | undefined) {
  return description === undefined ? {} : { description };
}

function toMessage(value: unknown): PromptMessage {
  if (typeof value === 'string') return { role: 'user', content: { type: 'text', text: value } };
  if (isContentBlock(value)) return { role: 'user', content: sentBlock(value) };
  if (isMessage(value)) return { ...value, content: sentBlock(value.content) };
  throw new TypeError('A prompt returns text, content blocks, messages { role, content } or { messages }');
}

function isMessage(value: unknown): value is PromptMessage {
  return (
    isObject(value) &&
    (value['role'] === 'user' || value['role'] === 'assistant') &&
    isContentBlock(value['content'])
  );
}
