/**
 * The part of a Standard Schema (zod, Valibot, ArkType, ...) that this library needs. Any object or function that carries
 * `~standard` will do.
 *
 * @see https://standardschema.dev
 * @publicApi
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    /** Name of the library, used in messages. */
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** Offered by libraries that can describe their schemas; may throw for a schema JSON cannot represent. */
    readonly jsonSchema?: StandardJsonSchema | undefined;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** Describes a schema before (`input`) and after (`output`) its conversions. */
export interface StandardJsonSchema {
  readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
  readonly output: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
}

/** The converted value, or the issues if there are any. */
export type StandardResult<Output = unknown> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };

/** One reason why a value was refused. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
