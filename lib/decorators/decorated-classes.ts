import { ENTRY_PROVIDER_METADATA } from '../mcp.constants.js';

const classes = new Set<WeakRef<object>>();

/** Remembers a class that has primitives, once, through a weak reference. */
export function rememberDecorated(type: object): void {
  if (!Reflect.hasOwnMetadata(ENTRY_PROVIDER_METADATA, type)) classes.add(new WeakRef(type));
  Reflect.defineMetadata(ENTRY_PROVIDER_METADATA, true, type);
}

/** The classes with primitives that this process has loaded, used by a server or not. */
export function decoratedClasses(): { readonly name: string; readonly prototype: object }[] {
  const found = [...classes].map((reference) => {
    const type = reference.deref();
    if (!type) classes.delete(reference);
    return type;
  });
  return found.filter((type) => type !== undefined) as ReturnType<typeof decoratedClasses>;
}
