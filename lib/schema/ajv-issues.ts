import type { ErrorObject } from 'ajv';
import type { ValidationIssue } from './schema.js';
import { joinPath } from './validation.js';

/** Turns what Ajv reports into an issue at the member that is missing, surplus or wrong. */
export function toIssue(error: ErrorObject): ValidationIssue {
  const path = toDottedPath(error.instancePath);
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'required':
      return { path: joinPath(path, String(params['missingProperty'])), message: 'is required' };
    case 'additionalProperties':
      return { path: joinPath(path, String(params['additionalProperty'])), message: 'is not allowed' };
    case 'unevaluatedProperties':
      return { path: joinPath(path, String(params['unevaluatedProperty'])), message: 'is not allowed' };
    default:
      return { path, message: error.message ?? `does not match "${error.keyword}"` };
  }
}

function toDottedPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}
