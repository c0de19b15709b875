import { isObject } from '../protocol/json-rpc.js';
import type { JsonSchema } from './schema.js';

const DRAFT_07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;
const DATA = new Set(['const', 'default', 'enum', 'examples']);

/** Rewrites draft-07, which some libraries' converters make, as 2020-12, which every client takes. */
export function toLatestDialect(document: JsonSchema): JsonSchema {
  const { $schema, ...schema } = document;
  if (typeof $schema !== 'string' || !DRAFT_07.test($schema)) return document;
  return rewrite(schema) as JsonSchema;
}

function rewrite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewrite);
  if (!isObject(value)) return value;
  const { items, additionalItems } = value;
  const isTuple = Array.isArray(items);
  const rewritten: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (isTuple && (key === 'items' || key === 'additionalItems')) continue;
    if (key === '$ref' && typeof member === 'string') {
      rewritten[key] = member.replace(/^#\/definitions\//, '#/$defs/');
    } else if (key === 'definitions' && isObject(member)) {
      rewritten['$defs'] = rewriteMembers(member);
    } else if (key === 'properties' && isObject(member)) {
      rewritten[key] = rewriteMembers(member);
    } else {
      rewritten[key] = DATA.has(key) ? member : rewrite(member);
    }
  }
  if (isTuple) {
    rewritten['prefixItems'] = rewrite(items);
    if (additionalItems !== undefined) rewritten['items'] = rewrite(additionalItems);
  }
  return rewritten;
}

/** Keys of such a map are names, whatever they are called. */
function rewriteMembers(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, rewrite(schema)]));
}
