import { isObject } from '../protocol/json-rpc.js';
import type { Validation, ValidationIssue } from './schema.js';

const MAX_ISSUES = 20;

/** Accepts a value. */
export function accept(value: unknown): Validation {
  return { ok: true, value };
}

/** Refuses a value. Equal issues are told once, at most twenty are told, and there is always at least one. */
export function refuse(issues: readonly ValidationIssue[]): Validation {
  const distinct = new Map<string, ValidationIssue>();
  for (const issue of issues) {
    if (distinct.size === MAX_ISSUES) break;
    distinct.set(JSON.stringify([issue.path, issue.message]), issue);
  }
  if (distinct.size === 0) distinct.set('', { path: '', message: 'is not valid' });
  return { ok: false, issues: [...distinct.values()] };
}

/**
 * Refuses a value that is nested so deeply that checking it exhausted the call stack.
 *
 * Every other error is a fault of the validator, not of the value, and is thrown on.
 */
export function refuseTooDeep(error: unknown): Validation {
  if (!isStackOverflow(error)) throw error;
  return refuse([{ path: '', message: 'is nested too deeply' }]);
}

/** Joins dotted paths; an empty side adds no dot. */
export function joinPath(parent: string, name: string): string {
  if (parent === '') return name;
  return name === '' ? parent : `${parent}.${name}`;
}

// By name and text: an error of another realm (jest, vm) is not an instance of our RangeError.
function isStackOverflow(error: unknown): boolean {
  if (!isObject(error)) return false;
  return error['name'] === 'RangeError' && String(error['message']).includes('call stack');
}
