import type { ApplicationConfig } from '@nestjs/core';
import { GUARDS_METADATA, INTERCEPTORS_METADATA, PIPES_METADATA } from '../mcp.constants.js';

/** Metadata key of each kind of enhancer, and the count of global ones in the application. */
const KINDS = {
  guards: [
    GUARDS_METADATA,
    (config: ApplicationConfig) => config.getGlobalGuards().length + config.getGlobalRequestGuards().length,
  ],
  pipes: [
    PIPES_METADATA,
    (config: ApplicationConfig) => config.getGlobalPipes().length + config.getGlobalRequestPipes().length,
  ],
  interceptors: [
    INTERCEPTORS_METADATA,
    (config: ApplicationConfig) =>
      config.getGlobalInterceptors().length + config.getGlobalRequestInterceptors().length,
  ],
} as const;

/** Checks whether any enhancer of a kind applies to a handler, which is known by its class and method. */
export function isEnhanced(
  kind: keyof typeof KINDS,
  decorated: readonly unknown[],
  config: ApplicationConfig,
): boolean {
  const [key, countGlobal] = KINDS[kind];
  return (
    countGlobal(config) > 0 ||
    decorated.some((each) => typeof each === 'function' && Reflect.hasMetadata(key, each))
  );
}
