import { INTERCEPTORS_METADATA, PIPES_METADATA } from '../mcp.constants.js';

const LEFT_OUT: ReadonlySet<unknown> = new Set([INTERCEPTORS_METADATA, PIPES_METADATA]);

/**
 * A function to run beside a method: under its guards, filters and whatever guards read from it, but without its
 * interceptors and pipes, which are made for what the method takes and returns.
 */
export function withGuardsOf(
  method: object,
  run: (...args: never[]) => unknown,
): (...args: never[]) => unknown {
  const companion = (...args: never[]) => run(...args);
  for (const key of Reflect.getMetadataKeys(method) as unknown[]) {
    if (!LEFT_OUT.has(key)) Reflect.defineMetadata(key, Reflect.getMetadata(key, method), companion);
  }
  return companion;
}
