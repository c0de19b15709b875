import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { MCP_OPTIONS } from './mcp.constants.js';
import { McpLifecycle } from './mcp.lifecycle.js';
import type { ResolvedOptions } from './mcp-options.js';
import { McpConfigurationError } from './protocol/configuration.error.js';

/**
 * The server of a name, as the options and providers of its module. Without a name, the server that has none or the only
 * one there is. `caller` is the function that was called with the name.
 *
 * @throws McpConfigurationError when the application has no such server.
 */
export function findServer(app: INestApplicationContext, caller: string, name: string | undefined) {
  const modules = [...app.get(ModulesContainer).values()].filter(({ providers }) =>
    providers.has(McpLifecycle),
  );
  const servers = modules.map((module) => {
    const get = <T>(token: abstract new (...args: never[]) => T) =>
      module.providers.get(token as never)?.instance as T;
    return { get, options: module.providers.get(MCP_OPTIONS)?.instance as ResolvedOptions };
  });
  const found =
    servers.find(({ options }) => options.name === name) ??
    (name === undefined && servers.length === 1 ? servers[0] : undefined);
  if (found) return found;
  const names = servers.map(({ options }) =>
    options.name === undefined ? 'one without a name' : options.name,
  );
  throw new McpConfigurationError(
    servers.length === 0
      ? `${caller}: the application has no MCP server; import McpModule.forRoot() in one of its modules`
      : `${caller} option name: there is no server ${name === undefined ? 'without a name' : `"${name}"`}, only ${names.join(', ')}`,
  );
}
