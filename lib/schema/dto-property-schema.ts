import { isObject } from '../protocol/json-rpc.js';
import { DATE, foldUnion } from './dto-converters.js';
import { describeDecorators, mergeSchemas } from './dto-decorators.js';
import type { DtoProperty } from './dto-model.js';
import { NESTED } from './dto-nested.js';
import type { JsonSchema } from './schema.js';

const RECORDED: ReadonlyMap<unknown, JsonSchema> = new Map<unknown, JsonSchema>([
  [String, { type: 'string' }],
  [Number, { type: 'number' }],
  [Boolean, { type: 'boolean' }],
  [Date, DATE],
  [Array, { type: 'array', items: {} }],
  [Set, { type: 'array', items: {} }],
  [Map, { type: 'object' }],
]);

const SAYS_TYPE = ['type', 'anyOf', 'oneOf', 'allOf', '$ref'];
const TEXTS = ['title', 'description'];
const API_LIMITS = [
  ...['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties'],
  ...['maxProperties', 'multipleOf', 'uniqueItems', 'pattern'],
];
const API_TYPES = new Set<unknown>(['string', 'number', 'integer', 'boolean', 'array', 'object']);

/** Describes a property by its decorators, what the compiler recorded, `@ApiProperty()` and `@JSONSchema()`. */
export function describeProperty(property: DtoProperty, nested: JsonSchema | undefined): JsonSchema {
  const { annotations } = property;
  const others = property.metadatas.filter(({ type }) => type !== NESTED);
  const decorated = nested ? mergeSchemas(describeDecorators(others), nested) : describeDecorators(others);
  const typed = withType(decorated, property);
  const described = withSwagger(foldUnion(typed), annotations.swagger ?? {});
  return withJsonSchema(described, annotations.jsonSchema);
}

/** A schema with what `@JSONSchema()` adds to it. */
export function withJsonSchema(described: JsonSchema, addition: unknown): JsonSchema {
  if (typeof addition === 'function') {
    const made: unknown = (addition as (schema: JsonSchema, options: object) => unknown)(described, {});
    return isObject(made) ? made : described;
  }
  return isObject(addition) ? mergeSchemas(described, addition) : described;
}

function withType(described: JsonSchema, property: DtoProperty): JsonSchema {
  const { annotations, transformed, itemType } = property;
  const recorded = transformed ? undefined : RECORDED.get(annotations.recorded);
  const isKnown = SAYS_TYPE.some((keyword) => keyword in described);
  const typed = isKnown || !recorded ? described : { ...recorded, ...described };
  const { not, minLength, items, ...rest } = typed;
  const { type } = rest;
  // @IsNotEmpty() is for anything; its limit is one of text.
  const mayBeText = type === 'string' || (type === undefined && !('anyOf' in rest));
  const item = isObject(items) && Object.keys(items).length === 0 ? RECORDED.get(itemType) : undefined;
  return {
    ...rest,
    ...(items !== undefined && { items: item ?? items }),
    ...(minLength !== undefined && mayBeText && { minLength }),
    ...(not !== undefined && !(type !== undefined && isObject(not) && not['type'] === 'null') && { not }),
  };
}

/** Texts, defaults and examples as they are; what limits values only where no decorator says it. */
function withSwagger(described: JsonSchema, options: Readonly<Record<string, unknown>>): JsonSchema {
  const pick = (names: readonly string[]) =>
    Object.fromEntries(
      names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
    );
  const { type, items, enum: values, examples, example } = options;
  const isTyped = SAYS_TYPE.some((keyword) => keyword in described) || 'enum' in described;
  const single = example === undefined ? undefined : [example];
  const shown = Array.isArray(examples) ? examples : single;
  const members = isObject(items) && Array.isArray(items['enum']) ? items : undefined;
  const isOpenList = isObject(described['items']) && Object.keys(described['items']).length === 0;
  return {
    ...(!isTyped && API_TYPES.has(type) && { type }),
    ...(!isTyped && type === 'array' && { items: {} }),
    ...pick(API_LIMITS),
    ...(Array.isArray(values) && !('anyOf' in described) && { enum: values }),
    ...described,
    ...(members && (isOpenList || !isTyped) && { items: members }),
    ...pick([...TEXTS, 'default']),
    ...(options['deprecated'] === true && { deprecated: true }),
    ...(shown && { examples: shown }),
  };
}
