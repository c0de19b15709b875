import { isObject } from '../protocol/json-rpc.js';
import type { CallToolResult } from '../protocol/types/tools.js';
import type { ValidationIssue } from '../schema/schema.js';
import { isContentBlock } from './content.js';

/** A handler returned what JSON cannot hold; `cause` says why. */
export class UnsendableError extends Error {
  override readonly name = 'UnsendableError';
}

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
  if (isToolResult(value)) return ofJson(value);
  if (isContentBlock(value)) return { content: [value] };
  if (Array.isArray(value) && value.length > 0 && value.every(isContentBlock)) return { content: value };
  return structured(value);
}

/** The result with what its output schema made of the structure, also as text where the text says the same. */
export function withStructure(result: CallToolResult, value: unknown): CallToolResult {
  if (value === result.structuredContent) return result;
  const before = JSON.stringify(result.structuredContent);
  const after = toJson(value);
  if (after === before) return result;
  const content = result.content.map((block) =>
    block.type === 'text' && block.text === before ? { ...block, text: after } : block,
  );
  return { ...result, content, structuredContent: JSON.parse(after) };
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
  const json = toJson(value);
  return { ...text(json), structuredContent: JSON.parse(json) };
}

/** What is checked and sent is what JSON makes of a value: dates as text, `toJSON` applied. */
function ofJson({ structuredContent, ...result }: CallToolResult): CallToolResult {
  if (result.isError || structuredContent === undefined) return result;
  return { ...result, structuredContent: JSON.parse(toJson(structuredContent)) };
}

function toJson(value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw new UnsendableError('JSON cannot hold the value', { cause });
  }
  if (json !== undefined) return json;
  throw new UnsendableError('JSON cannot hold the value', {
    cause: new TypeError(`It is a ${typeof value}`),
  });
}

function isToolResult(value: unknown): value is CallToolResult {
  return (
    isObject(value) &&
    Array.isArray(value['content']) &&
    value['content'].every(isContentBlock) &&
    Object.keys(value).every((key) => RESULT_KEYS.has(key))
  );
}
