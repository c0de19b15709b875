import type { ApplicationConfig, ModuleRef } from '@nestjs/core';

/** The application's global settings. Nest keeps them in its container only, which every `ModuleRef` holds. */
export function applicationConfigOf(moduleRef: ModuleRef): ApplicationConfig {
  return (moduleRef as unknown as { container: { applicationConfig: ApplicationConfig } }).container
    .applicationConfig;
}
