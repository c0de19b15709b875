import type { SchemaSource } from '../schema/schema-source.js';
import type { ContentOf } from '../registry/mcp-context.js';

/**
 * A decorator of a method whose first parameter has to agree with what a schema gives. Parameters that hold something else,
 * as decorated ones may, are left alone: only an object whose properties all occur in the schema is compared.
 *
 * @publicApi
 */
export type TypedMethodDecorator<S extends SchemaSource> = <T>(
  target: object,
  key: string | symbol,
  // Optional, so that decorators can be composed with `applyDecorators()`.
  descriptor?: TypedPropertyDescriptor<T>,
) => T extends (...args: infer P) => unknown
  ? IsRefused<S, P[0]> extends true
    ? 'The first parameter does not take what `input` gives'
    : TypedPropertyDescriptor<T> | void
  : TypedPropertyDescriptor<T> | void;

type IsRefused<S, First> = [First] extends [object]
  ? TakesProperty<ContentOf<S>, First> extends true
    ? false
    : Conflicts<ContentOf<S>, First>
  : false;

/** `true` if the parameter may be a single property, as `@McpArgs('name')` gives it. */
type TakesProperty<Given, First> = true extends {
  [K in keyof Given]-?: NonNullable<Given[K]> extends First ? true : false;
}[keyof Given]
  ? true
  : false;

/** `true` if a value of type `Given` cannot be a `Taken`, apart from optional parts. */
type Conflicts<Given, Taken> = unknown extends Taken
  ? false
  : unknown extends Given
    ? false
    : [Given] extends [Taken | null | undefined]
      ? false
      : [Given, NonNullable<Taken>] extends [object, object]
        ? string extends keyof Given
          ? false
          : keyof Taken extends keyof Given
            ? ConflictsIn<Given, Taken>
            : false
        : true;

type ConflictsIn<Given, Taken> = true extends {
  [K in keyof Taken & keyof Given]-?: Conflicts<NonNullable<Given[K]>, NonNullable<Taken[K]>>;
}[keyof Taken & keyof Given]
  ? true
  : false;
