import type { Abstract, InjectionToken, Type } from '@nestjs/common';

/**
 * The token under which a named server exports one of its providers, where an application has several servers:
 * `@Inject(getMcpToken(McpRegistry, 'admin'))`. The module that injects it imports the `forRoot()` of that server, or the
 * server is global. With `forRootAsync()` the name stands beside the factory, as modules are made before factories run.
 *
 * @param provider `McpRegistry`, `McpHealthIndicator`, `StreamableHttpTransport`, an adapter or anything else `McpModule` exports
 * @param name the option `name` of the server
 * @publicApi
 */
export function getMcpToken(provider: Type | Abstract<unknown>, name: string): InjectionToken {
  return `Mcp${provider.name}:${name}`;
}
