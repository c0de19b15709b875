import { isObject } from '../protocol/json-rpc.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';

// Absent in ES modules. Where it exists (CommonJS build, jest without vm-modules) import() may not work.
declare const require: NodeJS.Require | undefined;

/** Loads an optional peer dependency when it is first needed. `purpose` completes "X is needed ...". */
export async function loadOptionalPackage<T>(specifier: string, purpose: string): Promise<T> {
  let loaded: unknown;
  try {
    loaded = typeof require === 'function' ? require(specifier) : await import(specifier);
  } catch (cause) {
    const name = specifier.split('/')[0];
    throw new McpConfigurationError(`The package ${name} is needed ${purpose}: npm install ${name}.`, {
      cause,
    });
  }
  // import() of a CommonJS package may find only some of its names; the default export has them all.
  const exported = isObject(loaded) && isObject(loaded['default']) ? loaded['default'] : loaded;
  return exported as T;
}
