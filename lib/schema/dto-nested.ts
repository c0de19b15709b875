import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { DtoClass, DtoLibraries, TypeMetadata, ValidationMetadata } from './dto-libraries.js';

/** The type class-validator gives to `@ValidateNested()`. */
export const NESTED = 'nestedValidation';

/** Content of a `@ValidateNested()` property. */
export interface NestedDto {
  readonly container: 'one' | 'list' | 'map';
  /** The class, or the classes a discriminator chooses from. */
  readonly classes: readonly DtoClass[];
  readonly discriminator?: { readonly property: string; readonly names: ReadonlyMap<string, DtoClass> };
  /** True if `@Type()` is missing, so that class-transformer must be told the class. */
  readonly implicit: boolean;
  /** True if the value on the wire has the published shape; false if a `@Transform()` makes it. */
  readonly checked: boolean;
}

const BUILT_IN = new Set<unknown>([
  Object,
  Array,
  Map,
  Set,
  Promise,
  Date,
  Function,
  String,
  Number,
  Boolean,
  Symbol,
  BigInt,
]);

const ARRAY_DECORATOR = /^(isArray|array[A-Z].*)$/;

interface NestedContext {
  readonly libraries: DtoLibraries;
  readonly where: string;
}

/** Finds the class of a nested property from `@Type()`, else from the type the compiler recorded. */
export function findNested(
  dto: DtoClass,
  property: string,
  metadatas: readonly ValidationMetadata[],
  { libraries, where }: NestedContext,
): NestedDto {
  const type = libraries.transformerStorage.findTypeMetadata(dto, property);
  const recorded = recordedType(dto, property);
  const container = findContainer(recorded, metadatas);
  const discriminator = type?.options?.discriminator;
  if (discriminator) {
    const names = new Map(discriminator.subTypes.map(({ name, value }) => [name, value]));
    const described = { property: discriminator.property, names };
    return {
      container,
      classes: [...names.values()],
      discriminator: described,
      implicit: false,
      checked: true,
    };
  }
  const nested = type?.typeFunction ? callTypeFunction(type.typeFunction, property) : recorded;
  if (isDtoClass(nested)) return { container, classes: [nested], implicit: !type, checked: true };
  throw new McpConfigurationError(
    `${where}: ${dto.name}.${property} has @ValidateNested() but its class is not known. ` +
      'Add @Type(() => TheClass) of class-transformer.',
  );
}

function findContainer(recorded: unknown, metadatas: readonly ValidationMetadata[]): NestedDto['container'] {
  if (recorded === Map) return 'map';
  const isList = metadatas.some(({ type, each }) => (type === NESTED && each) || ARRAY_DECORATOR.test(type));
  return isList || recorded === Array || recorded === Set ? 'list' : 'one';
}

/** A type function that needs a real value to choose a class cannot be described: then no class is known. */
function callTypeFunction(
  typeFunction: NonNullable<TypeMetadata['typeFunction']>,
  property: string,
): unknown {
  try {
    return typeFunction({ newObject: {}, object: {}, property });
  } catch {
    return undefined;
  }
}

function isDtoClass(value: unknown): value is DtoClass {
  return typeof value === 'function' && !BUILT_IN.has(value);
}

function recordedType(dto: DtoClass, property: string): unknown {
  const { getMetadata } = Reflect as typeof Reflect & {
    readonly getMetadata?: (key: string, target: unknown, property: string) => unknown;
  };
  return getMetadata?.('design:type', dto.prototype, property);
}
