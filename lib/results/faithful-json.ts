import { types } from 'node:util';

/** A handler returned what JSON cannot hold; `cause` says why. */
export class UnsendableError extends Error {
  override readonly name = 'UnsendableError';
}

/** Deeper values are left to the careful way, which knows circles. */
const MAX_PLAIN_DEPTH = 64;

/**
 * The JSON of a value, with `toJSON` applied, Sets as arrays and Maps with string keys as objects. Properties that are
 * `undefined` or functions are left out, as JSON does.
 *
 * Throws an `UnsendableError` for what JSON would silently lose: numbers that are not finite, bytes, streams, iterators,
 * promises, errors and other objects without data of their own. With `takesBuffers` a Buffer is what its `toJSON` says.
 */
export function toFaithfulJson(value: unknown, takesBuffers = false): string {
  let json: string | undefined;
  try {
    json = isPlain(value, 0)
      ? JSON.stringify(value)
      : JSON.stringify(value, takesBuffers ? faithful : faithfulBytes);
  } catch (cause) {
    throw new UnsendableError('JSON cannot hold the value', { cause });
  }
  if (json !== undefined) return json;
  throw new UnsendableError('JSON cannot hold the value', {
    cause: new TypeError(`It is a ${typeof value}`),
  });
}

/** Checks whether a value needs no replacer, which makes `JSON.stringify` several times slower. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean';
  if (value === null) return true;
  if (depth > MAX_PLAIN_DEPTH || typeof (value as { toJSON?: unknown }).toJSON === 'function') return false;
  if (Array.isArray(value)) return value.every((item) => item === undefined || isPlain(item, depth + 1));
  if (
    Object.getPrototypeOf(value) !== Object.prototype ||
    Symbol.iterator in value ||
    Symbol.asyncIterator in value
  )
    return false;
  return Object.values(value).every((item) => item === undefined || isPlain(item, depth + 1));
}

function faithful(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw lost(key, String(value));
  if (types.isDate((this as Record<string, unknown>)[key]) && value === null)
    throw lost(key, 'an invalid Date');
  if (Array.isArray(this) && (typeof value === 'function' || typeof value === 'symbol'))
    throw lost(key, `a ${typeof value}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || types.isBoxedPrimitive(value))
    return value;
  if (types.isSet(value)) return [...value];
  if (types.isMap(value)) return ofMap(value, key);
  if (isBytes(value)) throw lost(key, 'bytes');
  if (isStream(value)) throw lost(key, `a stream (${nameOf(value)})`);
  if (!hasData(value)) throw lost(key, `a ${nameOf(value)} without data of its own`);
  return value;
}

/** Refuses a Buffer as other bytes are: `toJSON` has made an object of numbers of it by now. */
function faithfulBytes(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'object' && isBytes((this as Record<string, unknown>)[key])) throw lost(key, 'bytes');
  return faithful.call(this, key, value);
}

function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
}

function ofMap(map: ReadonlyMap<unknown, unknown>, key: string): object {
  for (const name of map.keys())
    if (typeof name !== 'string') throw lost(key, 'a Map whose keys are no strings');
  return Object.fromEntries(map as ReadonlyMap<string, unknown>);
}

/** Streams of Node.js and of the web, and Observables. */
function isStream(value: object): boolean {
  const { pipe, getReader } = value as { pipe?: unknown; getReader?: unknown };
  return typeof pipe === 'function' || typeof getReader === 'function';
}

function hasData(value: object): boolean {
  const values = Object.values(value);
  if (values.length > 0) return values.some((item) => typeof item !== 'function' && typeof item !== 'symbol');
  return isRecord(value) && !(Symbol.iterator in value) && !(Symbol.asyncIterator in value);
}

/** Checks whether an object is a plain one, of any realm. */
function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty');
}

function nameOf(value: object): string {
  const { constructor } = value as { constructor?: unknown };
  const name = typeof constructor === 'function' ? constructor.name : '';
  return name || Object.prototype.toString.call(value).slice(8, -1);
}

function lost(key: string, what: string): TypeError {
  return new TypeError(key === '' ? `It is ${what}` : `"${key}" is ${what}`);
}
