import { isObject } from '../protocol/json-rpc.js';
import type { ContentBlock } from '../protocol/types/content.js';
import type { CallToolResult } from '../protocol/types/tools.js';
import type { Schema, ValidationIssue } from '../schema/schema.js';
import { isContentBlock, sentBlock } from './content.js';
import { toFaithfulJson } from './faithful-json.js';

/** Marks a full result. Enumerable, so that a copy (`{ ...result, _meta }`) is one too; JSON knows no symbols. */
const FULL_RESULT = Symbol.for('nestjs-mcp-adapters.toolResult');

const RESULT_KEYS: ReadonlySet<string> = new Set(['content', 'structuredContent', 'isError', '_meta']);

/**
 * Marks a result as the whole result of the tool call, which no value can be taken for.
 *
 * Needed only with an output schema: there a handler returns the value that the schema describes, and an object that
 * fits the schema is that value whatever it looks like. Without `content`, the structure is sent as text too.
 *
 * @example
 * return toolResult({ content: [{ type: 'text', text: 'Sold out' }], isError: true });
 *
 * @publicApi
 */
export function toolResult(result: Partial<CallToolResult>): CallToolResult {
  if (!isObject(result) || !isContentOrNone(result['content']) || !hasValidMarks(result))
    throw new TypeError(
      'toolResult() takes { content, structuredContent, isError, _meta }; content is a list of blocks',
    );
  return Object.assign(filled(result), { [FULL_RESULT]: true });
}

/** Checks whether a value was made by `toolResult()`. */
export function isWholeResult(value: unknown): value is Partial<CallToolResult> {
  return isObject(value) && FULL_RESULT in value;
}

/**
 * Turns whatever the handler of a tool without an output schema returned into a tool result.
 *
 * A full result and content blocks are taken as they are, text becomes one text block, nothing becomes no content,
 * and any other value becomes `structuredContent` together with its JSON as text.
 */
export function toToolResult(value: unknown): CallToolResult {
  if (value === undefined || value === null) return { content: [] };
  if (typeof value === 'string') return text(value);
  if (isToolResult(value)) return ofJson(value);
  if (isContentBlock(value)) return { content: [sentBlock(value)] };
  if (Array.isArray(value) && value.length > 0 && value.every(isContentBlock))
    return { content: value.map(sentBlock) };
  return structured(value);
}

/** A result, or why the value does not fit the output schema. */
export type CheckedResult =
  | { readonly ok: true; readonly result: CallToolResult }
  | { readonly ok: false; readonly issues: readonly ValidationIssue[] };

/**
 * Turns what the handler of a tool with an output schema returned into a tool result. What fits the schema is the value,
 * whatever it looks like; only what does not fit may be a full result without the mark of one.
 */
export async function toCheckedResult(value: unknown, output: Schema): Promise<CheckedResult> {
  if (isWholeResult(value)) return checkFull(value, output);
  const checked = await checkValue(value, output);
  return !checked.ok && isToolResult(value) ? checkFull(value, output) : checked;
}

async function checkValue(value: unknown, output: Schema): Promise<CheckedResult> {
  const validation = await output.validate(
    value === undefined ? undefined : JSON.parse(toFaithfulJson(value)),
  );
  if (!validation.ok) return validation;
  if (validation.value !== undefined) return { ok: true, result: structured(validation.value) };
  // A client that knows the schema waits for a structure, and JSON knows no undefined.
  const none = await output.validate(null);
  if (none.ok && none.value !== undefined) return { ok: true, result: structured(none.value) };
  return { ok: false, issues: [{ path: '', message: 'nothing was returned, which JSON has no value for' }] };
}

async function checkFull(full: Partial<CallToolResult>, output: Schema): Promise<CheckedResult> {
  const result = ofJson(full);
  if (result.isError) return { ok: true, result };
  const validation = await output.validate(result.structuredContent);
  if (!validation.ok) return validation;
  if (validation.value !== undefined) return { ok: true, result: withStructure(result, validation.value) };
  return { ok: false, issues: [{ path: '', message: 'the full result has no structuredContent' }] };
}

/** The result with what its output schema made of the structure, also as text where the text says the same. */
export function withStructure(result: CallToolResult, value: unknown): CallToolResult {
  if (value === result.structuredContent) return result;
  const before = JSON.stringify(result.structuredContent);
  const after = toFaithfulJson(value);
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

/** Text for the model about arguments that do not fit the tool's input schema. */
export function describeIssues(issues: readonly ValidationIssue[]): string {
  const lines = issues.map(({ path, message }) => (path === '' ? `- ${message}` : `- ${path}: ${message}`));
  return ['Invalid arguments:', ...lines].join('\n');
}

function text(value: string): CallToolResult {
  return { content: [{ type: 'text', text: value }] };
}

function structured(value: unknown): CallToolResult {
  const json = toFaithfulJson(value);
  return { ...text(typeof value === 'string' ? value : json), structuredContent: JSON.parse(json) };
}

/** The result as JSON holds it, which is what is checked and sent: dates as text, `toJSON` applied. */
function ofJson({ isError, _meta, ...given }: Partial<CallToolResult>): CallToolResult {
  const { content, structuredContent } = filled(given);
  return {
    content: content.map(sentBlock),
    ...(!isError &&
      structuredContent !== undefined && {
        structuredContent: JSON.parse(toFaithfulJson(structuredContent)),
      }),
    ...(typeof isError === 'boolean' && { isError }),
    ...(isObject(_meta) && { _meta }),
  };
}

/** The result with the structure as text where there is no content. */
function filled(result: Partial<CallToolResult>): CallToolResult {
  const { content, structuredContent } = result;
  if (content) return { ...result, content };
  return { ...result, content: structuredContent === undefined ? [] : structured(structuredContent).content };
}

/** Checks whether a value has the shape of a full result, with `content` or at least `structuredContent`. */
function isToolResult(value: unknown): value is Partial<CallToolResult> {
  return (
    isObject(value) &&
    (value['content'] !== undefined || value['structuredContent'] !== undefined) &&
    isContentOrNone(value['content']) &&
    hasValidMarks(value) &&
    Object.keys(value).every((key) => RESULT_KEYS.has(key))
  );
}

function isContentOrNone(value: unknown): value is readonly ContentBlock[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every(isContentBlock));
}

/** Checks what a result has beside its content: clients refuse a whole result for a mark of another type. */
function hasValidMarks({ isError, _meta }: Readonly<Record<string, unknown>>): boolean {
  return typeof (isError ?? false) === 'boolean' && isObject(_meta ?? {});
}
