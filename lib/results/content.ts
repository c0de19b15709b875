import { isObject } from '../protocol/json-rpc.js';
import type { ContentBlock } from '../protocol/types/content.js';

/** Required properties of each kind of content, which tell content from a value that happens to have a `type`. */
const REQUIRED: Readonly<Record<ContentBlock['type'], readonly string[]>> = {
  text: ['text'],
  image: ['data', 'mimeType'],
  audio: ['data', 'mimeType'],
  resource_link: ['uri', 'name'],
  resource: ['resource'],
};

/** Checks whether a value is one item of a tool result or prompt message. */
export function isContentBlock(value: unknown): value is ContentBlock {
  if (!isObject(value) || typeof value['type'] !== 'string' || !Object.hasOwn(REQUIRED, value['type']))
    return false;
  return REQUIRED[value['type'] as ContentBlock['type']].every((key) =>
    key === 'resource' ? isObject(value[key]) : typeof value[key] === 'string',
  );
}
