import type { Provider } from '@nestjs/common';
import { HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';
import { adapterProvider } from './adapter-providers.js';
import { AuthGate } from './auth/auth-gate.js';
import type { McpAuthOptions } from './auth/auth-options.interface.js';
import { ProtectedResource, type ResourceDescription } from './auth/protected-resource.js';
import { ResourceAddress } from './auth/resource-address.js';
import { TokenVerifier } from './auth/token-verifier.js';
import { McpRoute } from './discovery/mcp-route.js';
import { MCP_OPTIONS } from './mcp.constants.js';
import type { ResolvedOptions } from './mcp-options.js';
import { McpConfigurationError } from './protocol/configuration.error.js';
import { McpServer } from './server/mcp.server.js';
import { findPlatform } from './transports/streamable-http/platform/http-platform.js';
import { identifier } from './transports/streamable-http/http/authenticator.js';

/** The address of a server, and what it asks for tokens with; `undefined` where it asks for none. */
export function authProviders(): Provider[] {
  return [
    adapterProvider(TokenVerifier, ({ auth }) => auth?.verifier),
    {
      provide: ResourceAddress,
      useFactory: createAddress,
      inject: [MCP_OPTIONS, McpRoute],
    },
    {
      provide: ProtectedResource,
      useFactory: createResource,
      inject: [MCP_OPTIONS, ResourceAddress, HttpAdapterHost],
    },
    {
      provide: AuthGate,
      useFactory: createGate,
      inject: [MCP_OPTIONS, McpServer, ResourceAddress, TokenVerifier],
    },
  ];
}

function createAddress(options: ResolvedOptions, route: McpRoute): ResourceAddress {
  const { auth, publicUrl, publicPath } = options;
  return new ResourceAddress({
    resource: auth?.resource,
    publicUrl,
    publicPath,
    routes: () => route.paths,
    isEndpoint: (requested) => route.matches(requested),
  });
}

function createResource(
  options: ResolvedOptions,
  address: ResourceAddress,
  host: HttpAdapterHost,
): ProtectedResource | undefined {
  if (!options.auth) return undefined;
  const resource = new ProtectedResource(address, describe(options, options.auth));
  host.init$?.subscribe(() => {
    // Typed as always there, it is null in an application without HTTP.
    const adapter = host.httpAdapter as AbstractHttpAdapter | null;
    if (adapter) findPlatform(adapter)?.intercept(adapter, resource);
  });
  return resource;
}

function createGate(
  options: ResolvedOptions,
  server: McpServer,
  address: ResourceAddress,
  verifier: TokenVerifier | undefined,
): AuthGate | undefined {
  const { auth, publicUrl, principal, logger } = options;
  if (!auth) return undefined;
  if (verifier && typeof verifier.verify !== 'function') {
    throw new McpConfigurationError('McpModule option auth.verifier must have the method verify()');
  }
  if (verifier?.needsResource && publicUrl === undefined && auth.resource === undefined) {
    throw new McpConfigurationError(
      'McpModule option publicUrl is missing: tokens are held against it, and it must not come from what a request ' +
        'says. Set it (or auth.resource), or give the verifier the audience that tokens are issued for',
    );
  }
  const requiredScopes = auth.requiredScopes ?? [];
  return new AuthGate({
    server,
    address,
    verifier,
    identify: identifier(principal),
    requiredScopes,
    initialScopes: auth.requiredScopes ?? auth.scopesSupported ?? [],
    impliedScopes: auth.impliedScopes ?? {},
    logger,
  });
}

function describe({ serverInfo }: ResolvedOptions, auth: McpAuthOptions): ResourceDescription {
  const scopes = auth.scopesSupported ?? auth.requiredScopes;
  return {
    authorization_servers: auth.authorizationServers,
    ...(scopes && { scopes_supported: scopes }),
    resource_name: auth.resourceName ?? serverInfo.title ?? serverInfo.name,
    ...(auth.resourceDocumentation !== undefined && { resource_documentation: auth.resourceDocumentation }),
  };
}
