import type { ProviderWrapper } from '../execution/invoke.js';
import { MCP_FEATURE } from '../mcp.constants.js';
import type { ResolvedOptions } from '../mcp-options.js';

/** Checks whether a server takes primitives from the module of a provider or controller. */
export function isOfServer(
  { host }: ProviderWrapper,
  { name, include, hasSiblings }: Pick<ResolvedOptions, 'name' | 'include' | 'hasSiblings'>,
): boolean {
  if (!host) return false;
  const feature = host.getProviderByKey<{ server: string | undefined }>(MCP_FEATURE)?.instance;
  if (feature) return feature.server === name;
  if (include) return include.includes(host.metatype as never);
  return !hasSiblings;
}

/** Prototype with a provider's methods. For a request-scoped factory, that of the class which is its token. */
export function prototypeOf({ instance, token }: ProviderWrapper): object | undefined {
  const isKnown = typeof instance === 'object' && instance !== null;
  const prototype: unknown = isKnown
    ? Object.getPrototypeOf(instance)
    : typeof token === 'function' && token.prototype;
  return typeof prototype === 'object' && prototype !== null ? prototype : undefined;
}
