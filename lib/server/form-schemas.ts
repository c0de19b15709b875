import { resolveSchema } from '../schema/resolve-schema.js';
import type { ResolveSchemaOptions, SchemaSource } from '../schema/schema-source.js';
import type { Schema } from '../schema/schema.js';

/** The schemas that users are asked with, each prepared once for as long as its source lives. */
export class FormSchemas {
  readonly #prepared = new WeakMap<SchemaSource, Promise<Schema>>();

  constructor(private readonly schemaToJson: ResolveSchemaOptions['schemaToJson'] | undefined) {}

  get(source: SchemaSource): Promise<Schema> {
    let schema = this.#prepared.get(source);
    if (!schema) {
      const { schemaToJson } = this;
      schema = resolveSchema(source, {
        direction: 'input',
        where: 'ctx.elicit()',
        ...(schemaToJson && { schemaToJson }),
      });
      this.#prepared.set(source, schema);
    }
    return schema;
  }
}
