import { McpConfigurationError } from '../protocol/configuration.error.js';
import { isObject } from '../protocol/json-rpc.js';
import type { Claims } from '../registry/principal-from-claims.js';
import type { Principal } from '../registry/principal.js';
import { audiencesOf } from './audience.js';
import { IntrospectionCache } from './introspection-cache.js';
import { TokenVerifier, TokenVerifierUnavailableError } from './token-verifier.js';
import { checkServerUrl, resolveVerifierOptions, toPrincipal } from './verified-claims.js';
import type { TokenVerifierOptions } from './verifier-options.interface.js';

/**
 * Options of `IntrospectionTokenVerifier`.
 *
 * @publicApi
 */
export interface IntrospectionTokenVerifierOptions extends Omit<TokenVerifierOptions, 'audience'> {
  /** URL of the introspection endpoint: `introspection_endpoint` of the authorization server's metadata. */
  readonly endpoint: string | URL;

  /** Issuer of the tokens: that of the principals, and the one to expect where an answer names an issuer. */
  readonly issuer: string;

  /** Client id of this server at the endpoint, for HTTP Basic authentication. */
  readonly clientId: string;
  readonly clientSecret: string;

  /**
   * Accepted audiences (`aud`) of tokens: one of these. `false` where the authorization server calls only those tokens
   * active that are meant for the client that asks; nothing is checked then.
   * @default the URL of the server, from `publicUrl` or `auth.resource`
   */
  readonly audience?: string | readonly string[] | false;

  /**
   * Milliseconds for which an answer holds: how long a token works, and its streams stay open, after it was revoked.
   * @default 10000
   */
  readonly cacheMs?: number;

  /** Answers to keep. @default 1000 */
  readonly maxCached?: number;
}

/**
 * Verifies access tokens by asking the authorization server about them, whatever they look like.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662
 * @publicApi
 */
export class IntrospectionTokenVerifier extends TokenVerifier {
  override readonly needsResource: boolean;
  readonly #options: IntrospectionTokenVerifierOptions;
  readonly #common: ReturnType<typeof resolveVerifierOptions>;
  readonly #endpoint: URL;
  readonly #cache: IntrospectionCache;

  /** @throws McpConfigurationError when an option cannot work. */
  constructor(options: IntrospectionTokenVerifierOptions) {
    super();
    const name = 'IntrospectionTokenVerifier';
    const { cacheMs = 10_000, maxCached = 1_000 } = options;
    for (const option of ['issuer', 'clientId', 'clientSecret'] as const) {
      if (typeof options[option] === 'string' && options[option] !== '') continue;
      throw new McpConfigurationError(`${name} option ${option} must be a string with content`);
    }
    for (const [option, value] of Object.entries({ cacheMs, maxCached })) {
      if (Number.isSafeInteger(value) && value >= 0) continue;
      throw new McpConfigurationError(`${name} option ${option} must be an integer of 0 or more`);
    }
    this.#options = options;
    this.needsResource = options.audience === undefined;
    this.#common = resolveVerifierOptions(name, options);
    this.#endpoint = checkServerUrl(name, 'endpoint', options.endpoint);
    this.#cache = new IntrospectionCache(cacheMs, maxCached);
  }

  async verify(token: string, resource: string | undefined): Promise<Principal | undefined> {
    const audiences = this.#audiences(resource);
    const principal = await this.#cache.get(token, JSON.stringify(audiences), async () => {
      const claims = await this.#introspect(token);
      return this.#isAcceptable(claims, audiences)
        ? toPrincipal({ iss: this.#options.issuer, ...claims }, this.#common)
        : undefined;
    });
    return principal?.expiresAt !== undefined && principal.expiresAt <= Date.now() ? undefined : principal;
  }

  /** End of the validity of the kept answer. */
  override recheckAt(token: string, resource: string | undefined): number {
    return this.#cache.until(token, JSON.stringify(this.#audiences(resource))) ?? Date.now();
  }

  #audiences(resource: string | undefined): readonly string[] | undefined {
    const { audience } = this.#options;
    return audience === false ? undefined : audiencesOf(audience, resource);
  }

  #isAcceptable({ active, iss, aud, exp, nbf }: Claims, audiences: readonly string[] | undefined): boolean {
    const { issuer } = this.#options;
    const now = Date.now();
    const { clockToleranceMs } = this.#common;
    if (active !== true || (iss !== undefined && iss !== issuer)) return false;
    if (typeof exp === 'number' && exp * 1000 + clockToleranceMs <= now) return false;
    if (typeof nbf === 'number' && nbf * 1000 - clockToleranceMs > now) return false;
    return audiences === undefined || [aud].flat().some((each) => audiences.includes(each as string));
  }

  async #introspect(token: string): Promise<Claims> {
    const { clientId, clientSecret } = this.#options;
    // RFC 6749 section 2.3.1: encoded first as in a form, whatever they hold.
    const credentials = [clientId, clientSecret].map(formEncode).join(':');
    try {
      const response = await fetch(this.#endpoint, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        },
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
        redirect: 'error',
        signal: AbortSignal.timeout(this.#common.timeoutMs),
      });
      if (response.status !== 200) throw new Error(`It answered ${response.status}`);
      const claims: unknown = await response.json();
      if (!isObject(claims)) throw new Error('It answered something that is no object');
      return claims;
    } catch (cause) {
      throw new TokenVerifierUnavailableError('The introspection endpoint gives no answer', { cause });
    }
  }
}

function formEncode(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}
