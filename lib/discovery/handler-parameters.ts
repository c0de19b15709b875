import type { LoggerService } from '@nestjs/common';
import { readParameters } from '../decorators/parameter-metadata.js';
import { ParameterKind } from '../mcp.constants.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { Declarations } from './mcp-metadata.accessor.js';

/** Types that arguments, which are an object, never have. */
const NO_OBJECTS: ReadonlySet<unknown> = new Set([
  ...[String, Number, Boolean, BigInt, Symbol],
  ...[Array, Map, Set, Date, Promise],
]);

/** Types that the compiler records for interfaces, object types and `import type`. */
const ERASED: ReadonlySet<unknown> = new Set([Object, Function]);

/** Nest's decorators of what a call does not have: `@Next()`, `@UploadedFile()`, `@UploadedFiles()`, `@RawBody()`. */
const FOREIGN: ReadonlyMap<number, string> = new Map([
  [2, '@Next()'],
  [8, '@UploadedFile()'],
  [9, '@UploadedFiles()'],
  [12, '@RawBody()'],
]);

interface ParametersContext {
  readonly where: string;
  readonly declared: Declarations;
  /** The `:parameters` of the endpoint's path, where they are known. */
  readonly pathParameters: readonly string[];
  readonly logger: LoggerService;
}

/** Checks that a handler's parameters can be given, and warns where its arguments would reach it unchecked. */
export function checkParameters(prototype: object, method: string, context: ParametersContext): void {
  const { where, declared, pathParameters } = context;
  const parameters = Object.entries(readParameters(prototype.constructor, method));
  for (const [key, { data }] of parameters) {
    const kind = Number(key.split(':')[0]);
    const foreign = FOREIGN.get(kind);
    if (foreign) throw new McpConfigurationError(`${where}: there is nothing for ${foreign} in an MCP call`);
    if (kind === ParameterKind.PathParameters && typeof data === 'string' && !pathParameters.includes(data)) {
      throw new McpConfigurationError(
        `${where}: @Param('${data}') is a parameter of the endpoint's path, which has no ":${data}". ` +
          `For an argument of the call use @McpArgs('${data}').`,
      );
    }
  }
  if (isDescribed(declared)) return;
  const whole = parameters.find(
    ([key, { data, pipes = [] }]) =>
      key.startsWith(`${ParameterKind.Arguments}:`) && data === undefined && pipes.length === 0,
  );
  if (whole) checkArguments(prototype, method, whole[1].index, context);
}

function isDescribed({ tool, prompt }: Declarations): boolean {
  if (tool) return tool.input !== undefined;
  return !prompt || prompt.input !== undefined || prompt.arguments !== undefined;
}

function checkArguments(
  prototype: object,
  method: string,
  index: number,
  { where, logger }: ParametersContext,
): void {
  const types = Reflect.getMetadata('design:paramtypes', prototype, method) as unknown[] | undefined;
  const handler = (prototype as Readonly<Record<string, (...args: unknown[]) => unknown>>)[method];
  if (!types) {
    if ((handler?.length ?? 0) <= index) return;
    logger.warn(
      `${where}: no parameter types were recorded, so that its arguments are neither described nor checked. ` +
        'Give input (such as input: TheDto), or compile with emitDecoratorMetadata, which tsx, esbuild and Vitest do not.',
    );
    return;
  }
  const type = types[index];
  if (NO_OBJECTS.has(type)) {
    throw new McpConfigurationError(
      `${where}: the arguments are one object, but the parameter is of type ${(type as { name: string }).name}. ` +
        "Use a DTO class, or @McpArgs('name') for one property of them together with input.",
    );
  }
  if (ERASED.has(type)) {
    logger.warn(
      `${where}: the type of its arguments is not there at run time (an interface, an object type, or a class imported with ` +
        '"import type"), so that they are neither described nor checked. Import the class itself, or give input.',
    );
  }
}
