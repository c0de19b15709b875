import type { ArgumentsHost } from '@nestjs/common';
import type { ContextId, ExternalContextCreator } from '@nestjs/core';

/** Finds the exception filters of a handler; Nest's own class has no public name. */
export interface ExceptionFilters {
  create(
    instance: object,
    callback: unknown,
    moduleKey: string,
    contextId?: ContextId,
    inquirerId?: string,
  ): {
    /** Return value of the filter that matches the exception; nothing when none does. */
    invokeCustomFilters(exception: unknown, host: ArgumentsHost): unknown;
  };
}

/** Nest keeps them in its creator of handlers only. */
export function filtersOf(contexts: ExternalContextCreator): ExceptionFilters {
  return (contexts as unknown as { filtersContextCreator: ExceptionFilters }).filtersContextCreator;
}
