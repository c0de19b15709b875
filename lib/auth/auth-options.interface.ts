import type { AdapterOption } from '../adapters/adapter-option.js';
import type { ImpliedScopes } from './implied-scopes.js';
import type { TokenVerifier } from './token-verifier.js';

/**
 * Makes the server an OAuth 2.1 resource server: requests need an access token, and clients are told where to get one.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 * @publicApi
 */
export interface McpAuthOptions {
  /** The issuers of the authorization servers whose tokens are accepted: at least one, the preferred one first. */
  readonly authorizationServers: readonly string[];

  /**
   * Verifies tokens and names their principal: an instance, a class that Nest builds, or a custom provider. Handlers find it in
   * `ctx.principal`; guards find the claims in `request.user`, unless something else has set that.
   * @default none: the application does it, and the option `principal` (or `request.user`) says who calls
   */
  readonly verifier?: AdapterOption<TokenVerifier>;

  /**
   * The URL that names this server to clients and in tokens, if it is not the one the endpoint is reached at.
   * @default `publicUrl` with the path of the endpoint
   */
  readonly resource?: string;

  /** Scopes without which a token opens nothing. @default none */
  readonly requiredScopes?: readonly string[];

  /** The scopes a client should ask for at first, as the metadata lists them. @default `requiredScopes` */
  readonly scopesSupported?: readonly string[];

  /** Scopes that bring others with them: `{ 'files:write': ['files:read'] }`. @default none */
  readonly impliedScopes?: ImpliedScopes;

  /**
   * Leave out of lists what the scopes of the caller do not reach. It is still answered 403 when used, so that a client
   * that knows of it can ask for more.
   * @default false: listed, and refused when used
   */
  readonly listPermittedOnly?: boolean;

  /** Name of the server for people, in the metadata. @default title or name of `serverInfo` */
  readonly resourceName?: string;

  /** URL of a page for developers, in the metadata. @default none */
  readonly resourceDocumentation?: string;
}
