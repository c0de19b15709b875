import { PUBLIC_METADATA, SCOPES_METADATA } from '../mcp.constants.js';
import { remember } from './replaced-methods.js';

/**
 * Scopes that a token needs for a tool, resource or prompt, all of them; on a class, for all of its methods, besides
 * their own. A call without them is answered 403 and told which they are. Needs the option `auth`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#scope-challenge-handling
 * @publicApi
 */
export function McpScopes(...scopes: readonly string[]): MethodDecorator & ClassDecorator {
  return mark(SCOPES_METADATA, (holder) => {
    const present = (Reflect.getMetadata(SCOPES_METADATA, holder) ?? []) as readonly string[];
    Reflect.defineMetadata(SCOPES_METADATA, [...present, ...scopes], holder);
  });
}

/**
 * Lets any caller use a tool, resource or prompt, or all of a class, where the option `auth` asks for tokens. Requests
 * without a token may then begin, and list and use what is public. `@McpScopes()` on a method goes before `@McpPublic()`
 * on its class, and the other way round.
 *
 * @publicApi
 */
export function McpPublic(): MethodDecorator & ClassDecorator {
  return mark(PUBLIC_METADATA, (holder) => Reflect.defineMetadata(PUBLIC_METADATA, true, holder));
}

function mark(key: string, write: (holder: object) => void): MethodDecorator & ClassDecorator {
  return (target: object, method?: string | symbol, descriptor?: PropertyDescriptor) => {
    write((descriptor?.value as object | undefined) ?? target);
    if (method !== undefined) remember(key, target, method);
  };
}
