import { narrowDates } from './form-dates.js';
import { isJsonSchema, resolveSchema } from '../schema/resolve-schema.js';
import type { ResolveSchemaOptions, SchemaSource } from '../schema/schema-source.js';
import type { JsonSchema, Schema } from '../schema/schema.js';

/** Most forms that are known by their text: a handler that puts data of its own into each would make ever more of them. */
const MAX_TEXTS = 256;
const MAX_TEXT_LENGTH = 16 * 1024;

/**
 * The schemas that users are asked with, each prepared once. A plain JSON Schema is mostly written where it is used, and so
 * another object in every call: it is known by its text. Any other one, and a very long one, is known for as long as it lives.
 */
export class FormSchemas {
  readonly #bySource = new WeakMap<SchemaSource, Promise<Schema>>();
  /** Ordered by use: the one used longest ago comes first. */
  readonly #byText = new Map<string, Promise<Schema>>();

  constructor(private readonly schemaToJson: ResolveSchemaOptions['schemaToJson'] | undefined) {}

  get(source: SchemaSource): Promise<Schema> {
    const text = isJsonSchema(source) ? toText(source) : undefined;
    const isShort = text !== undefined && text.length <= MAX_TEXT_LENGTH;
    return isShort ? this.#ofText(text) : this.#ofSource(source);
  }

  #ofSource(source: SchemaSource): Promise<Schema> {
    const schema = this.#bySource.get(source) ?? this.#prepare(source);
    this.#bySource.set(source, schema);
    return schema;
  }

  #ofText(text: string): Promise<Schema> {
    // Parsed anew: the caller that passed the first object may change it.
    const schema = this.#byText.get(text) ?? this.#prepare(JSON.parse(text) as JsonSchema);
    this.#byText.delete(text);
    this.#byText.set(text, schema);
    if (this.#byText.size > MAX_TEXTS) this.#byText.delete(this.#byText.keys().next().value as string);
    return schema;
  }

  #prepare(source: SchemaSource): Promise<Schema> {
    const { schemaToJson } = this;
    return resolveSchema(source, {
      direction: 'input',
      where: 'ctx.elicit()',
      ...(schemaToJson && { schemaToJson }),
    }).then(narrowDates);
  }
}

/** `undefined` for what is no JSON, which is refused where it is prepared. */
function toText(source: object): string | undefined {
  try {
    return JSON.stringify(source);
  } catch {
    return undefined;
  }
}
