import { ValidationPipe } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { applicationConfigOf } from './application-config.js';

/**
 * Checks whether a global `ValidationPipe` of the application refuses properties that its classes do not know. A
 * request-scoped one does not exist yet, and is ignored.
 */
export function forbidsNonWhitelisted(moduleRef: ModuleRef): boolean {
  return applicationConfigOf(moduleRef)
    .getGlobalPipes()
    .some((pipe) => {
      if (!(pipe instanceof ValidationPipe)) return false;
      const { whitelist, forbidNonWhitelisted } = (pipe as unknown as WithOptions).validatorOptions;
      return whitelist === true && forbidNonWhitelisted === true;
    });
}

interface WithOptions {
  readonly validatorOptions: { readonly whitelist?: boolean; readonly forbidNonWhitelisted?: boolean };
}
