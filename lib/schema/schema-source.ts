import type { DtoClass } from './dto-libraries.js';
import type { JsonSchema, SchemaDirection } from './schema.js';
import type { StandardSchema } from './standard-schema.interface.js';

/**
 * The kinds of schema a user may give: a class with class-validator decorators, an object of a library that
 * implements Standard Schema, or a plain JSON Schema (2020-12, or draft-07 where `$schema` says so).
 *
 * @publicApi
 */
export type SchemaSource = DtoClass | StandardSchema | JsonSchema;

/** How to read a schema. */
export interface ResolveSchemaOptions {
  readonly direction: SchemaDirection;
  /** Subject of the schema, such as `WeatherTools.getWeather input`; begins every error message. */
  readonly where: string;
  /** Describes a Standard Schema whose library offers no JSON Schema, or not for this schema. */
  readonly schemaToJson?: (schema: StandardSchema, direction: SchemaDirection) => JsonSchema;
  /** True if classes refuse properties without a decorator, as a `ValidationPipe` may. @default false */
  readonly forbidNonWhitelisted?: boolean;
  /** Takes warnings for the developer about a schema that works. @default warnings are dropped */
  readonly warn?: (message: string) => void;
}
