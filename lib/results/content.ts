import { isObject } from '../protocol/json-rpc.js';
import type { ContentBlock } from '../protocol/types/content.js';
import { toFaithfulJson } from './faithful-json.js';

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
    key === 'resource' ? isEmbedded(value[key]) : typeof value[key] === 'string',
  );
}

/** Checks whether a value is the contents of a resource, as JSON holds them. */
function isEmbedded(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { uri, text, blob } = value;
  return (
    (typeof uri === 'string' || uri instanceof URL) && [text, blob].some((each) => typeof each === 'string')
  );
}

/**
 * A block as it is sent: as JSON holds it, without optional properties that are `null`, as rows of databases have them.
 *
 * Throws an `UnsendableError` for what JSON would lose.
 */
export function sentBlock(block: ContentBlock): ContentBlock {
  if (Object.values(block).every((each) => typeof each === 'string')) return block;
  return withoutNull(JSON.parse(toFaithfulJson(block)) as Record<string, unknown>) as unknown as ContentBlock;
}

/** Leaves out what is `null`, except in `_meta`, whose properties are the application's. */
export function withoutNull(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (value === null) continue;
    kept[key] = isObject(value) && key !== '_meta' ? withoutNull(value) : value;
  }
  return kept;
}
