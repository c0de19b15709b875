import { isUint8Array } from 'node:util/types';
import { isObject } from '../protocol/json-rpc.js';
import type { BlobResourceContents, TextResourceContents } from '../protocol/types/content.js';
import type { ReadResourceResult } from '../protocol/types/resources.js';
import type { ReadableEntry } from '../registry/entries.js';
import { withoutNull } from './content.js';
import { toFaithfulJson } from './faithful-json.js';

type Contents = TextResourceContents | BlobResourceContents;

/** Values for properties that the handler left out of contents. */
interface Defaults {
  readonly uri: string;
  readonly mimeType: string | undefined;
  readonly _meta: ReadableEntry['contentsMeta'];
}

/**
 * Turns whatever a handler returned into the result of reading `uri`; `undefined` when it returned nothing, which is to
 * say that there is no such resource.
 *
 * Text and bytes are one content each; contents, a list of them and a full result are taken as they are, with `uri`,
 * `mimeType` and `_meta` filled in from the request and the resource, and properties that contents do not have left out;
 * any other value is sent as its JSON.
 */
export function toReadResult(
  value: unknown,
  uri: string,
  entry: ReadableEntry,
): ReadResourceResult | undefined {
  if (value === undefined || value === null) return undefined;
  const defaults = { uri, mimeType: entry.mimeType, _meta: entry.contentsMeta };
  if (isObject(value) && Array.isArray(value['contents'])) {
    const { contents, ...rest } = value;
    return {
      ...withoutNull(rest),
      contents: (contents as unknown[]).map((item) => toContents(item, defaults, true)),
    };
  }
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => hasContents(item) && isContents(item))
  ) {
    return { contents: value.map((item) => toContents(item, defaults)) };
  }
  return { contents: [toContents(value, defaults)] };
}

function toContents(value: unknown, defaults: Defaults, isListed = false): Contents {
  if (typeof value === 'string') return { ...filled(defaults), text: value };
  if (isUint8Array(value)) return { ...filled(defaults), blob: toBase64(value) };
  if (hasContents(value) && (isListed || isContents(value))) {
    const { blob, ...rest } = value;
    const known = Object.fromEntries(
      Object.entries(rest).filter(([key, member]) => CONTENTS_KEYS.has(key) && isGiven(member)),
    );
    return { ...filled(defaults), ...known, ...(isGiven(blob) && { blob: toBase64(blob) }) } as Contents;
  }
  // Buffers are taken: an interceptor may have wrapped the bytes of a resource.
  const text = toFaithfulJson(value, true);
  return { ...filled({ ...defaults, mimeType: defaults.mimeType ?? 'application/json' }), text };
}

function filled({ uri, mimeType, _meta }: Defaults) {
  return { uri, ...(mimeType !== undefined && { mimeType }), ...(_meta && { _meta }) };
}

/** Checks whether a property has a value: `null` is how rows of databases say that there is none. */
function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

const CONTENTS_KEYS: ReadonlySet<string> = new Set(['uri', 'mimeType', 'text', 'blob', '_meta']);

/** Contents as a handler may give them: bytes need not be base64 yet. */
interface GivenContents {
  readonly text?: string;
  readonly blob?: string | Uint8Array;
}

/** Distinguishes contents from values of the application that have a text: contents name their URI, or nothing else. */
function isContents(value: GivenContents): boolean {
  return 'uri' in value && isGiven(value.uri)
    ? typeof value.uri === 'string'
    : Object.keys(value).every((key) => CONTENTS_KEYS.has(key));
}

function hasContents(value: unknown): value is GivenContents {
  return (
    isObject(value) &&
    (typeof value['text'] === 'string' || typeof value['blob'] === 'string' || isUint8Array(value['blob']))
  );
}

function toBase64(value: string | Uint8Array): string {
  if (typeof value === 'string') return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
}
