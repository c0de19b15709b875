import { PUBLIC_METADATA, SCOPES_METADATA } from '../mcp.constants.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { isScope } from '../protocol/scope.js';
import type { Access } from '../registry/entries.js';

/** Access rules of the decorators on `holders`, of which the nearest to the handler comes last. */
export function accessOf(holders: readonly object[], where: string): Access {
  let access: Access = { scopes: [], isPublic: false };
  for (const holder of holders) {
    const scopes = (Reflect.getMetadata(SCOPES_METADATA, holder) ?? []) as readonly string[];
    const isPublic = Reflect.hasMetadata(PUBLIC_METADATA, holder);
    if (isPublic && scopes.length > 0) {
      throw new McpConfigurationError(
        `${where}: what is public needs no scopes; take @McpScopes or @McpPublic`,
      );
    }
    const wrong = scopes.find((scope) => !isScope(scope));
    if (wrong !== undefined) {
      throw new McpConfigurationError(
        `${where}: ${JSON.stringify(wrong)} is no scope: visible ASCII characters without space, quote and backslash`,
      );
    }
    if (isPublic) access = { scopes: [], isPublic };
    else if (scopes.length > 0)
      access = { scopes: [...new Set([...access.scopes, ...scopes])], isPublic: false };
  }
  return access;
}

/** Throws for scopes on a server that takes no tokens: they would never be checked. */
export function assertEnforced(
  { scopes }: Access,
  { auth }: { readonly auth: unknown },
  where: string,
): void {
  if (scopes.length === 0 || auth) return;
  throw new McpConfigurationError(
    `${where} needs the scopes ${scopes.join(', ')}, but the server takes no tokens: set the McpModule option auth`,
  );
}
