import type { LoggerService } from '@nestjs/common';
import { MAX_DELAY_MS } from '../protocol/delays.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { McpCompleter, PrimitiveOptions } from '../decorators/primitive-options.js';
import type { Access, Completers, Invoke, McpVisible } from '../registry/entries.js';
import { resolveSchema } from '../schema/resolve-schema.js';
import type { ResolveSchemaOptions, SchemaSource } from '../schema/schema-source.js';
import type { Schema, SchemaDirection } from '../schema/schema.js';

/** Everything about a primitive but its options. */
export interface PrimitiveSource {
  /** `Class.method`, for error messages. */
  readonly where: string;
  /** The name if the options give none. */
  readonly defaultName: string;
  /** The schema source if the options give none and the handler declares one. */
  readonly defaultInput: SchemaSource | undefined;
  readonly invoke: Invoke;
  readonly access: Access;
  /** Puts a completer behind the guards of the primitive. */
  readonly guardCompleter: (completer: McpCompleter, argument: string) => Invoke | Promise<Invoke>;
  /** Checks whether the guards would authorize a caller; given when that decides which callers may see it. */
  readonly permission?: McpVisible | undefined;
  readonly schemaToJson: ResolveSchemaOptions['schemaToJson'];
  /** True if a global pipe of the application refuses properties that a class does not know. */
  readonly forbidNonWhitelisted: boolean;
  readonly logger: LoggerService;
}

/** Common members of all entries; throws `McpConfigurationError` for invalid options. */
export function commonEntry(
  { visible, timeoutMs }: PrimitiveOptions,
  { where, invoke, permission, access }: PrimitiveSource,
) {
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= MAX_DELAY_MS)) {
    throw new McpConfigurationError(`${where}: timeoutMs must be more than 0 and at most ${MAX_DELAY_MS}`);
  }
  if (visible !== undefined && typeof visible !== 'function') {
    throw new McpConfigurationError(`${where}: visible must be a function of the context`);
  }
  return { where, visible: both(visible, permission), access, timeoutMs, invoke };
}

function both(visible: McpVisible | undefined, permission: McpVisible | undefined): McpVisible | undefined {
  if (!visible || !permission) return visible ?? permission;
  return async (ctx) => (await visible(ctx)) === true && permission(ctx);
}

/** Common members of all lists, without those that have no value. */
export function commonDescription({ title, description, icons, _meta }: PrimitiveOptions) {
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(icons && { icons }),
    ...(_meta && { _meta }),
  };
}

export function schemaOf(
  from: SchemaSource,
  direction: SchemaDirection,
  { where, schemaToJson, forbidNonWhitelisted, logger }: PrimitiveSource,
): Promise<Schema> {
  return resolveSchema(from, {
    direction,
    where: `${where} ${direction}`,
    forbidNonWhitelisted: forbidNonWhitelisted && direction === 'input',
    warn: (message) => void logger.warn(message),
    ...(schemaToJson && { schemaToJson }),
  });
}

/** The completers of a primitive, behind its guards. `names` are the arguments there are. */
export async function completersOf(
  complete: Readonly<Record<string, McpCompleter>> = {},
  names: readonly string[],
  { where, guardCompleter }: PrimitiveSource,
): Promise<Completers> {
  const completers = new Map<string, Invoke>();
  for (const [argument, completer] of Object.entries(complete)) {
    if (!names.includes(argument)) {
      throw new McpConfigurationError(
        `${where}: complete.${argument} is for an argument that does not exist; there are: ${names.join(', ') || 'none'}`,
      );
    }
    completers.set(argument, await guardCompleter(completer, argument));
  }
  return completers;
}
