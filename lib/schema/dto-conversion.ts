import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { DtoClass, DtoLibraries, TargetMap } from './dto-libraries.js';
import type { DtoModels } from './dto-model.js';

const UNSAFE = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Makes the function that turns a plain value into an instance. It never touches the value itself, and throws
 * what the user's `@Transform()` throws.
 */
export function createConverter(
  dto: DtoClass,
  models: DtoModels,
  { transformer }: DtoLibraries,
): (value: object) => object {
  const targetMaps = toTargetMaps(models);
  const options = targetMaps.length > 0 ? { targetMaps } : {};
  return (value) => transformer.plainToInstance(dto, copyPlain(value), options);
}

/** Checks that the classes can be created without arguments, as class-transformer creates them. */
export function assertConstructible(models: DtoModels, where: string): void {
  for (const dto of models.keys()) {
    try {
      new dto();
    } catch (cause) {
      throw new McpConfigurationError(
        `${where}: ${dto.name} cannot be created without arguments; give its constructor parameters defaults.`,
        { cause },
      );
    }
  }
}

function toTargetMaps(models: DtoModels): TargetMap[] {
  const maps: TargetMap[] = [];
  for (const { dto, properties } of models.values()) {
    const implicit = [...properties].filter(([, { nested }]) => nested?.implicit);
    if (implicit.length === 0) continue;
    const types = implicit.map(([name, { nested }]) => [name, nested?.classes[0]]);
    maps.push({ target: dto, properties: Object.fromEntries(types) as TargetMap['properties'] });
  }
  return maps;
}

/** Copies arrays and plain objects; class-transformer deletes discriminators from what it is given. */
function copyPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyPlain);
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (!UNSAFE.has(key)) copy[key] = copyPlain(member);
  }
  return copy;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
