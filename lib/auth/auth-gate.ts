import type { LoggerService } from '@nestjs/common';
import { isObject } from '../protocol/json-rpc.js';
import { invalidRequest, McpError, McpErrorCode } from '../protocol/mcp.error.js';
import { isScope } from '../protocol/scope.js';
import type { Principal } from '../registry/principal.js';
import { digest } from '../calls/canonical-json.js';
import { isAboutPrimitive } from '../server/denial.js';
import { isHttpException, reportUnexpected } from '../calls/failure.js';
import type { McpServer } from '../server/mcp.server.js';
import type { Call } from '../calls/call.js';
import type { Caller, Authenticator, Lease } from '../transports/streamable-http/http/authenticator.js';
import { sendError, type HttpExchange } from '../transports/streamable-http/http/http-exchange.js';
import { readCredentials } from './bearer-token.js';
import { toHeader, type Challenge } from './challenge.js';
import { withImplied, type ImpliedScopes } from './implied-scopes.js';
import type { ResourceAddress } from './resource-address.js';
import { TokenVerifierUnavailableError, type TokenVerifier } from './token-verifier.js';

/** Dependencies and settings of the gate. */
export interface AuthGateServices {
  readonly server: McpServer;
  readonly address: ResourceAddress;
  /** Absent where the application authenticates the caller itself. */
  readonly verifier: TokenVerifier | undefined;
  readonly identify: (request: unknown) => Principal | undefined | Promise<Principal | undefined>;
  readonly requiredScopes: readonly string[];
  /** Scopes that a client without a token is told to request. */
  readonly initialScopes: readonly string[];
  readonly impliedScopes: ImpliedScopes;
  readonly logger: LoggerService;
}

/** Methods allowed without a token, besides the use of public primitives. */
const OPEN_METHODS: ReadonlySet<string> = new Set([
  'initialize',
  'server/discover',
  'ping',
  'resources/unsubscribe',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
]);

/** Each open stream may cost a question of the authorization server as often. */
const SHORTEST_RECHECK_MS = 1_000;

const ANYBODY: Caller = { principal: undefined };

/**
 * Lets in who brings a token that is good for what is asked, and tells others what they need.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#error-handling
 */
export class AuthGate implements Authenticator {
  #isVerifierDown = false;

  constructor(private readonly services: AuthGateServices) {}

  async authenticate(exchange: HttpExchange): Promise<Caller | undefined> {
    // Browsers ask whether they may send a token, and send none for that.
    if (exchange.request.method === 'OPTIONS') return ANYBODY;
    const credentials = readCredentials(exchange.request);
    if (credentials.kind === 'malformed') return this.#refuseMalformed(exchange, credentials.problem);
    const { verifier, identify, server, requiredScopes } = this.services;
    if (verifier && credentials.kind === 'invalid') return this.#refuseToken(exchange);
    let found: Principal | undefined;
    let lease: Lease | undefined;
    if (!verifier) found = await identify(exchange.platform.request);
    else if (credentials.kind === 'token') {
      const verdict = await this.#verify(exchange, verifier, credentials.token);
      if (!verdict) return undefined;
      found = verdict;
      lease = this.#lease(exchange, verifier, credentials.token, verdict);
    }
    if (!found) return server.parts.registry.hasPublic ? ANYBODY : this.#demandToken(exchange, []);

    const { scopes = [] } = found;
    const principal = { ...found, scopes: withImplied(scopes, this.services.impliedScopes) };
    if (!requiredScopes.every((scope) => principal.scopes.includes(scope))) {
      return this.#refuseScope(exchange, principal, []);
    }
    if (verifier) introduce(exchange.platform.request, principal);
    return { principal, lease };
  }

  async authorize(exchange: HttpExchange, calls: readonly Call[]): Promise<boolean> {
    const missing = await Promise.all(calls.map((call) => this.#missing(call)));
    const needed = missing.filter((scopes) => scopes !== undefined);
    if (needed.length === 0) return true;
    const principal = calls[0]?.principal;
    const scopes = needed.flat();
    const id = calls.length === 1 ? calls[0]?.request.id : undefined;
    if (principal) this.#refuseScope(exchange, principal, scopes, id);
    else this.#demandToken(exchange, scopes, id);
    return false;
  }

  /** The scopes that a request needs and its caller may lack; `undefined` if it may go on. */
  async #missing(call: Call): Promise<readonly string[] | undefined> {
    const { principal, request } = call;
    if (!isAboutPrimitive(request)) return principal || OPEN_METHODS.has(request.method) ? undefined : [];
    const denial = await this.services.server.denial(call);
    if (denial === undefined) return undefined;
    if (denial !== 'unknown') return denial.scopes;
    // Without a token the caller is challenged for one; with a token it is told that there is no such primitive.
    return principal ? undefined : [];
  }

  async #verify(
    exchange: HttpExchange,
    verifier: TokenVerifier,
    token: string,
  ): Promise<Principal | undefined> {
    const { address, logger } = this.services;
    try {
      const principal = await verifier.verify(token, address.configured(exchange.request));
      this.#isVerifierDown = false;
      return principal ? distinct(principal, token) : this.#refuseToken(exchange);
    } catch (error) {
      if (isHttpException(error) && error.getStatus() === 401) return this.#refuseToken(exchange);
      const isPassing = error instanceof TokenVerifierUnavailableError;
      const text = 'Access tokens cannot be verified now';
      const isKnown = isPassing && this.#isVerifierDown;
      const message = isKnown
        ? text
        : reportUnexpected(error, 'The token verifier', without(token, logger), text);
      this.#isVerifierDown = isPassing;
      sendError(exchange, isPassing ? 503 : 500, new McpError(McpErrorCode.InternalError, message), {
        ...(isPassing && { headers: { 'retry-after': '5' } }),
      });
      return undefined;
    }
  }

  /** Has the streams of a token that may be revoked end with it. */
  #lease(
    { request }: HttpExchange,
    verifier: TokenVerifier,
    token: string,
    principal: Principal,
  ): Lease | undefined {
    if (!verifier.recheckAt) return undefined;
    const resource = this.services.address.configured(request);
    const next = ({ expiresAt = Infinity }: Principal) => {
      const recheckAt = verifier.recheckAt?.(token, resource) ?? Infinity;
      return Math.min(expiresAt, Math.max(recheckAt, Date.now() + SHORTEST_RECHECK_MS));
    };
    return {
      until: () => next(principal),
      renew: async () => {
        try {
          const found = await verifier.verify(token, resource);
          return found && this.#isEnough(found) ? next(found) : undefined;
        } catch (error) {
          // An unreachable authorization server has revoked nothing; a token that expires meanwhile ends all the same.
          if (error instanceof TokenVerifierUnavailableError) {
            return next(principal) > Date.now() ? next(principal) : undefined;
          }
          if (!isHttpException(error)) {
            reportUnexpected(error, 'The token verifier', without(token, this.services.logger));
          }
          return undefined;
        }
      },
    };
  }

  #isEnough({ scopes = [] }: Principal): boolean {
    const granted = withImplied(scopes, this.services.impliedScopes);
    return this.services.requiredScopes.every((scope) => granted.includes(scope));
  }

  #demandToken(exchange: HttpExchange, scopes: readonly string[], id?: Call['request']['id']): undefined {
    const { requiredScopes, initialScopes } = this.services;
    const wanted = scopes.length > 0 ? [...requiredScopes, ...scopes] : initialScopes;
    this.#refuse(exchange, 401, 'An access token is required', { scopes: wanted }, id);
  }

  #refuseToken(exchange: HttpExchange): undefined {
    const description = 'The access token is not valid here, or no longer';
    const { initialScopes: scopes } = this.services;
    this.#refuse(exchange, 401, description, { scopes, error: 'invalid_token', description });
  }

  #refuseMalformed(exchange: HttpExchange, description: string): undefined {
    this.#refuse(exchange, 400, description, { scopes: [], error: 'invalid_request', description });
  }

  /** Names what the token has besides what it lacks, as clients may ask for no more than they are told. */
  #refuseScope(
    exchange: HttpExchange,
    principal: Principal,
    needed: readonly string[],
    id?: Call['request']['id'],
  ): undefined {
    const { requiredScopes } = this.services;
    // Tokens may hold what is no scope, nor anything that a header can carry.
    const granted = (principal.scopes ?? []).filter(isScope);
    const lacking = [...requiredScopes, ...needed].filter((scope) => !granted.includes(scope));
    const description = `The access token lacks the scope ${[...new Set(lacking)].join(' ')}`;
    const scopes = [...granted, ...lacking];
    this.#refuse(exchange, 403, description, { scopes, error: 'insufficient_scope', description }, id);
  }

  #refuse(
    exchange: HttpExchange,
    status: number,
    message: string,
    challenge: Omit<Challenge, 'metadataUrl'>,
    id: Call['request']['id'] | null = null,
  ): void {
    const metadataUrl = this.services.address.metadataUrl(exchange);
    const scopes = [...new Set(challenge.scopes)];
    const headers = { 'www-authenticate': toHeader({ ...challenge, scopes, metadataUrl }) };
    sendError(exchange, status, invalidRequest(message), { id, headers });
  }
}

/**
 * Identifies a principal by the digest of its token where the verifier says nothing that tells one principal from another:
 * no two such callers share their state.
 */
function distinct(principal: Principal, token: string): Principal {
  const { clientId, subject, claims } = principal;
  const isNobody = !clientId && !subject && claims === undefined;
  return isNobody ? { ...principal, claims: { token_digest: digest(token) } } : principal;
}

/** Lets guards that look for a user find one: the claims, as guards that verify tokens leave them. */
function introduce(request: unknown, { issuer, clientId, subject, scopes, claims }: Principal): void {
  if (!isObject(request) || isObject(request['user'])) return;
  const said = { iss: issuer, client_id: clientId, sub: subject, scope: scopes?.join(' ') };
  Object.assign(request, { user: claims ?? said });
}

/** A log that never sees the token, whatever the error says. */
function without(token: string, logger: LoggerService): LoggerService {
  const clean = (text: unknown): unknown =>
    typeof text === 'string' ? text.replaceAll(token, '[token]') : text;
  return {
    log: () => {},
    warn: () => {},
    error: (...messages: unknown[]) => void logger.error(clean(messages[0]), ...messages.slice(1).map(clean)),
  };
}
