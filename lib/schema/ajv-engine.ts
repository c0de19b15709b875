import { toIssue } from './ajv-issues.js';
import { compileWithAjv, findSchemaFault } from './ajv-validator.js';
import type { SchemaEngine } from './schema-engine.interface.js';
import { withTimeLimit } from './time-limit.js';

/** Checks by code that Ajv generates, which is fast; what takes long is ended by `node:vm`. */
export const engine: SchemaEngine = {
  compile(document, dialect, options) {
    const findErrors = compileWithAjv(document, dialect, options);
    return (value) => findErrors(value).map(toIssue);
  },
  findFault: findSchemaFault,
  withTimeLimit,
};
