import { isObject } from '../protocol/json-rpc.js';
import { readApiSchema } from './dto-annotations.js';
import type { DtoClass } from './dto-libraries.js';
import type { DtoModel, DtoModels } from './dto-model.js';
import type { NestedDto } from './dto-nested.js';
import { describeProperty, withJsonSchema } from './dto-property-schema.js';
import type { JsonSchema } from './schema.js';

/** Describes the models' first class as one self-contained document; what is shared or recursive is in `$defs`. */
export interface DtoDocument {
  readonly jsonSchema: JsonSchema;
  /** Classes that refuse unknown properties: `@JSONSchema({ additionalProperties: false })`. */
  readonly closed: ReadonlySet<DtoClass>;
}

/** A class as it is used: on its own, or as what a discriminator with this value chooses. */
interface Variant {
  readonly dto: DtoClass;
  readonly tag?: { readonly property: string; readonly value: string };
}

/** Describes a class and what is nested in it; `forbidNonWhitelisted` closes classes that declare any property. */
export function describeModels(models: DtoModels, forbidNonWhitelisted = false): DtoDocument {
  const [root] = models.keys();
  if (!root) return { jsonSchema: { type: 'object' }, closed: new Set() };
  const uses = countUses({ dto: root }, models);
  const names = nameVariants(
    [...uses.values()].filter(({ variant, count }) => count > 1 || isRecursive(variant.dto, models)),
  );
  const definitions: Record<string, JsonSchema> = {};
  const closed = new Set<DtoClass>();

  const describe = ({ dto, tag }: Variant): JsonSchema => {
    const model = models.get(dto) as DtoModel;
    const described = describeModel(model, refer);
    // A class without any decorator takes everything.
    const isClosed = forbidNonWhitelisted && model.properties.size > 0;
    const schema = isClosed ? { ...described, additionalProperties: false } : described;
    if (schema['additionalProperties'] === false) closed.add(dto);
    return tag ? withTag(schema, tag) : schema;
  };
  const refer = (variant: Variant): JsonSchema => {
    const name = names.get(keyOf(variant));
    return name === undefined ? describe(variant) : { $ref: `#/$defs/${name}` };
  };
  const jsonSchema = describe({ dto: root });
  for (const { variant } of uses.values()) {
    const name = names.get(keyOf(variant));
    if (name !== undefined) definitions[name] = describe(variant);
  }
  return {
    jsonSchema: { ...jsonSchema, ...(names.size > 0 && { $defs: definitions }) },
    closed,
  };
}

interface Use {
  readonly variant: Variant;
  readonly count: number;
}

/** How often each variant is used by others, in the order in which they are met. */
function countUses(root: Variant, models: DtoModels): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>();
  const met = new Set([keyOf(root)]);
  const open = [root];
  for (let next = open.shift(); next; next = open.shift()) {
    for (const variant of nestedVariants(models.get(next.dto))) {
      const key = keyOf(variant);
      uses.set(key, { variant, count: (uses.get(key)?.count ?? 0) + 1 });
      if (!met.has(key)) open.push(variant);
      met.add(key);
    }
  }
  return uses;
}

function nestedVariants(model: DtoModel | undefined): readonly Variant[] {
  const properties = [...(model?.properties.values() ?? [])];
  return properties.flatMap(({ nested }) => (nested ? variantsOf(nested) : []));
}

function variantsOf({ classes, discriminator }: NestedDto): readonly Variant[] {
  if (!discriminator) return classes.map((dto) => ({ dto }));
  const { property, names } = discriminator;
  return [...names].map(([value, dto]) => ({ dto, tag: { property, value } }));
}

const ids = new WeakMap<DtoClass, number>();
let lastId = 0;

function keyOf({ dto, tag }: Variant): string {
  const id = ids.get(dto) ?? (lastId += 1);
  ids.set(dto, id);
  return JSON.stringify([id, tag?.property, tag?.value]);
}

function isRecursive(dto: DtoClass, models: DtoModels): boolean {
  const met = new Set<DtoClass>();
  const open = [dto];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const nested of nestedVariants(models.get(next))) {
      if (nested.dto === dto) return true;
      if (!met.has(nested.dto)) open.push(nested.dto);
      met.add(nested.dto);
    }
  }
  return false;
}

/** Class names are not unique in an application; names inside a document must be. */
function nameVariants(uses: readonly Use[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const { variant } of uses) {
    const base = variant.dto.name.replace(/[^A-Za-z0-9_.-]/g, '_') || 'Object';
    let name = base;
    for (let suffix = 2; taken.has(name); suffix += 1) name = `${base}${suffix}`;
    taken.add(name);
    names.set(keyOf(variant), name);
  }
  return names;
}

function describeModel(model: DtoModel, refer: (variant: Variant) => JsonSchema): JsonSchema {
  const { dto, properties, annotation } = model;
  const published = [...properties.values()];
  const required = published.filter((property) => property.required).map(({ wireName }) => wireName);
  const described: JsonSchema = {
    ...readApiSchema(dto),
    type: 'object',
    ...(published.length > 0 && {
      properties: Object.fromEntries(
        published.map((property) => [
          property.wireName,
          describeProperty(property, property.nested && describeNested(property.nested, refer)),
        ]),
      ),
    }),
    ...(required.length > 0 && { required }),
  };
  return withJsonSchema(described, annotation);
}

function describeNested(nested: NestedDto, refer: (variant: Variant) => JsonSchema): JsonSchema {
  const variants = variantsOf(nested).map(refer);
  const [only = {}, ...others] = variants;
  const item = others.length === 0 ? only : { anyOf: variants };
  if (nested.container === 'map') return { type: 'object', additionalProperties: item };
  return nested.container === 'list' ? { type: 'array', items: item } : item;
}

/** A schema whose discriminator has one value. */
function withTag(schema: JsonSchema, { property, value }: NonNullable<Variant['tag']>): JsonSchema {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? (schema['required'] as string[]) : [];
  return {
    ...schema,
    properties: { ...properties, [property]: { type: 'string', const: value } },
    required: [...new Set([...required, property])],
  };
}
