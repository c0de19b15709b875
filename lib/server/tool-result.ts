import { isObject } from '../protocol/json-rpc.js';
import type { ContentBlock } from '../protocol/types/content.js';
import type { CallToolResult } from '../protocol/types/tools.js';
import type { ValidationIssue } from '../schema/schema.js';

/** What each kind of content must have to be taken for content and not for a value that happens to have a `type`. */
const REQUIRED: Readonly<Record<ContentBlock['type'], readonly string[]>> = {
  text: ['text'],
  image: ['data', 'mimeType'],
  audio: ['data', 'mimeType'],
  resource_link: ['uri', 'name'],
  resource: ['resource'],
};

const RESULT_KEYS: ReadonlySet<string> = new Set(['content', 'structuredContent', 'isError', '_meta']);

/**
 * Turns whatever a handler returned into a tool result.
 *
 * A full result and content blocks are taken as they are, text becomes one text block, nothing becomes no content,
 * and any other value becomes `structuredContent` together with its JSON as text.
 */
export function toToolResult(value: unknown): CallToolResult {
  if (value === undefined || value === null) return { content: [] };
  if (typeof value === 'string') return text(value);
  if (isToolResult(value)) return value.isError ? withoutStructure(value) : value;
  if (isContentBlock(value)) return { content: [value] };
  if (Array.isArray(value) && value.length > 0 && value.every(isContentBlock)) return { content: value };
  return structured(value);
}

/** A result that tells the model what went wrong. */
export function toolError(message: string): CallToolResult {
  return { ...text(message), isError: true };
}

/** What a model is told about arguments that do not fit the tool's input schema. */
export function describeIssues(issues: readonly ValidationIssue[]): string {
  const lines = issues.map(({ path, message }) => (path === '' ? `- ${message}` : `- ${path}: ${message}`));
  return ['Invalid arguments:', ...lines].join('\n');
}

function text(value: string): CallToolResult {
  return { content: [{ type: 'text', text: value }] };
}

function structured(value: unknown): CallToolResult {
  const json = JSON.stringify(value);
  if (json === undefined) throw new TypeError(`A tool cannot return a ${typeof value}`);
  // What is checked and sent is what JSON makes of the value: dates as text, `toJSON` applied.
  return { ...text(json), structuredContent: JSON.parse(json) };
}

function withoutStructure({ structuredContent: _, ...result }: CallToolResult): CallToolResult {
  return result;
}

function isToolResult(value: unknown): value is CallToolResult {
  return (
    isObject(value) &&
    Array.isArray(value['content']) &&
    value['content'].every(isContentBlock) &&
    Object.keys(value).every((key) => RESULT_KEYS.has(key))
  );
}

function isContentBlock(value: unknown): value is ContentBlock {
  if (!isObject(value) || typeof value['type'] !== 'string' || !Object.hasOwn(REQUIRED, value['type'])) return false;
  return REQUIRED[value['type'] as ContentBlock['type']].every((key) => value[key] !== undefined);
}
