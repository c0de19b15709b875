import { ValidationPipe } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { applicationConfigOf } from './application-config.js';

/**
 * Whether a global `ValidationPipe` of the application refuses properties that its classes do not know. One that lives as
 * long as a request does not exist yet, and is not asked.
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
