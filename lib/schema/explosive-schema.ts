import { isObject } from '../protocol/json-rpc.js';
import type { JsonSchema } from './schema.js';
import { everySubschema } from './subschemas.js';

/**
 * Checks whether even a short value may take very long to check: by a pattern that can be matched in very many ways, or by
 * choices that lead back to themselves and so double with each level of the value.
 */
export function isExplosive(document: JsonSchema): boolean {
  let hasChoice = false;
  let hasReference = false;
  for (const schema of everySubschema(document)) {
    if (patternsOf(schema).some(isExplosivePattern)) return true;
    hasChoice ||= ['anyOf', 'oneOf', 'if'].some((keyword) => keyword in schema);
    hasReference ||= '$ref' in schema || '$dynamicRef' in schema;
  }
  return hasChoice && hasReference;
}

/** The patterns that a schema says, those of its sub-schemas left out. */
export function patternsOf({ pattern, patternProperties }: JsonSchema): string[] {
  const keys = isObject(patternProperties) ? Object.keys(patternProperties) : [];
  return typeof pattern === 'string' ? [pattern, ...keys] : keys;
}

/** More repetitions than this in one pattern are checked under a time limit, though most are harmless. */
const MAX_REPETITIONS = 2;

/** The same for what may be left out: each doubles the ways to match. */
const MAX_OPTIONS = 6;

const CLASS_OR_ESCAPE = /\\.|\[(?:\\.|[^\]\\])*\]/gsu;
/** Repetition after a group, or a lookaround. */
const REPEATED_GROUP_OR_LOOKAROUND = /\)[*+{]|\(\?<?[=!]/u;
const REPETITION = /[*+]|\{\d+,\d*\}/gu;
/** Neither the beginning of a special group nor what makes a repetition lazy. */
const OPTION = /[^(*+?}]\?/gu;

/**
 * Errs on the side of caution, by the look of a pattern alone: one without a repeated group, with few repetitions
 * and few options takes at most some multiple of the cube of the length of what it is matched against.
 */
export function isExplosivePattern(pattern: string): boolean {
  const hasBackreference = /\\[1-9k]/.test(pattern);
  const bare = pattern.replace(CLASS_OR_ESCAPE, 'x');
  const repetitions = bare.match(REPETITION) ?? [];
  const options = bare.match(OPTION) ?? [];
  return (
    hasBackreference ||
    REPEATED_GROUP_OR_LOOKAROUND.test(bare) ||
    repetitions.length > MAX_REPETITIONS ||
    options.length > MAX_OPTIONS
  );
}

/** Keywords that look at each part of a value a fixed number of times, or say nothing of it. */
const LINEAR = new Set([
  ...['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'deprecated'],
  ...[
    'type',
    'const',
    'enum',
    'properties',
    'required',
    'additionalProperties',
    'items',
    'prefixItems',
    'allOf',
  ],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties'],
]);

/** Checks whether checking a value takes time linear in its size, as far as the keywords of the document show. */
export function isLinear(document: JsonSchema): boolean {
  for (const schema of everySubschema(document)) {
    if (!Object.keys(schema).every((keyword) => LINEAR.has(keyword))) return false;
  }
  return true;
}
