import type { LoggerService } from '@nestjs/common';
import type { JsonSchema } from '../schema/schema.js';
import { everySubschema, subschemasOf } from '../schema/subschemas.js';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const UNIONS = ['anyOf', 'oneOf', 'allOf'];
const MAX_LEVELS = 10;
const LEVELS = new Set(['properties', 'items', 'prefixItems', 'additionalProperties', 'patternProperties']);

/** Warns, in one line, of what the protocol allows in a tool and popular model providers refuse. */
export function warnOfIncompatibility(
  name: string,
  inputSchema: JsonSchema,
  where: string,
  logger: LoggerService,
): void {
  const found = [...incompatibilities(name, inputSchema)];
  if (found.length > 0) logger.warn(`${where}: some clients refuse the tool "${name}": ${found.join('; ')}`);
}

function* incompatibilities(name: string, schema: JsonSchema): Generator<string> {
  if (!NAME.test(name)) {
    yield 'a name with dots or of more than 64 characters (OpenAI, GitHub Copilot, Cursor; with dots also Claude)';
  }
  const union = UNIONS.find((keyword) => keyword in schema);
  if (union) yield `${union} at the root of its input (OpenAI, Claude); put it into a property`;
  if ('$ref' in schema) yield '$ref at the root of its input (OpenAI, Gemini); write the object there';
  if ([...everySubschema(schema)].some((each) => 'prefixItems' in each)) {
    yield 'prefixItems in its input (OpenAI, GitHub Copilot); use an object or a list of one type';
  }
  if (levelsOf(schema) > MAX_LEVELS) {
    yield `an input of more than ${MAX_LEVELS} levels (OpenAI); flatten it`;
  }
}

function levelsOf(schema: JsonSchema): number {
  let deepest = 0;
  for (const { keyword, schema: inner } of subschemasOf(schema)) {
    if (typeof inner === 'boolean') continue;
    deepest = Math.max(deepest, levelsOf(inner) + (LEVELS.has(keyword) ? 1 : 0));
  }
  return deepest;
}
