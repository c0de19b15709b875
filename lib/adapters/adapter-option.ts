import type { ClassProvider, ExistingProvider, FactoryProvider, Type } from '@nestjs/common';

/**
 * An adapter as the options take it: an instance, a class that Nest builds, or a custom provider without its token.
 * Classes and factories may inject what the module can see: its `imports` and global modules.
 *
 * @publicApi
 */
export type AdapterOption<T extends object> =
  | T
  | Type<T>
  | Pick<ClassProvider<T>, 'useClass'>
  | Pick<FactoryProvider<T>, 'useFactory' | 'inject'>
  | Pick<ExistingProvider<T>, 'useExisting'>;
