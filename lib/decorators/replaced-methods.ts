import {
  COMPLETION_METADATA,
  PROMPT_METADATA,
  PUBLIC_METADATA,
  RESOURCE_METADATA,
  SCOPES_METADATA,
  TOOL_METADATA,
} from '../mcp.constants.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';

const DECORATORS: Readonly<Record<string, string>> = {
  [TOOL_METADATA]: 'McpTool',
  [RESOURCE_METADATA]: 'McpResource',
  [PROMPT_METADATA]: 'McpPrompt',
  [COMPLETION_METADATA]: 'McpCompletion',
  [SCOPES_METADATA]: 'McpScopes',
  [PUBLIC_METADATA]: 'McpPublic',
};

/** Remembers, at the class, that a decorator has written metadata to the function of a method. */
export function remember(key: string, prototype: object, method: string | symbol): void {
  Reflect.defineMetadata(key, true, prototype, method);
}

/**
 * Throws for a method that has lost what a decorator of this library says of it, because a decorator above that one has
 * put another function in its place: a tool that nobody would find, or one that everybody might call.
 */
export function assertNotReplaced(prototype: object, method: string, where: string): void {
  const owner = ownerOf(prototype, method);
  if (!owner) return;
  const handler = (owner as Record<string, object>)[method] as object;
  const lost = Object.entries(DECORATORS).find(
    ([key]) => Reflect.hasOwnMetadata(key, owner, method) && !Reflect.hasMetadata(key, handler),
  );
  if (!lost) return;
  const [, name] = lost;
  throw new McpConfigurationError(
    `${where}: a decorator above @${name}() replaces the method, and with it what @${name}() says. ` +
      `Put @${name}() above that decorator`,
  );
}

/** The prototype that has the method itself: whoever overrides a method says anew what it is. */
function ownerOf(prototype: object, method: string): object | undefined {
  let owner: object | null = prototype;
  while (owner && !Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner) as object | null;
  return owner ?? undefined;
}
