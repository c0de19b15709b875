import { isPromise } from 'node:util/types';
import type { Call } from '../../../calls/call.js';
import { McpConfigurationError } from '../../../protocol/configuration.error.js';
import { isObject } from '../../../protocol/json-rpc.js';
import { principalFromClaims } from '../../../registry/principal-from-claims.js';
import type { Principal } from '../../../registry/principal.js';
import type { HttpExchange } from './http-exchange.js';

/** Caller of a request that was let in. */
export interface Caller {
  readonly principal: Principal | undefined;
  /** Time for which its credentials hold; without one, as long as the principal says. */
  readonly lease?: Lease | undefined;
}

/** Until when a stream may go on without another look at what let its caller in. */
export interface Lease {
  /** In milliseconds since the epoch. */
  until(): number;
  /** Looks again: until when it may go on from now, or `undefined` if no longer. Absent where that cannot be told. */
  renew?(): Promise<number | undefined>;
}

/** Decides who comes in. What it refuses it has answered. */
export interface Authenticator {
  /** Looks at a request before anything else of it is read; `undefined` when it is refused. */
  authenticate(exchange: HttpExchange): Caller | Promise<Caller | undefined>;

  /**
   * Looks at all requests of a POST before any of them is served; `false` when it is refused. Absent where who comes in
   * may do whatever there is.
   */
  authorize?(exchange: HttpExchange, calls: readonly Call[]): Promise<boolean>;
}

/** Lets every request in, as the caller that the application takes it for. */
export function applicationAuthenticator(identify: Identify): Authenticator {
  return {
    authenticate: ({ platform }) => {
      const found = identify(platform.request);
      return isPromise(found) ? found.then((principal) => ({ principal })) : { principal: found };
    },
  };
}

/** Fields of users that hold their identity, the most telling first. */
const SUBJECT_FIELDS = ['sub', 'id', 'userId', '_id', 'username', 'email'] as const;

/** Fields of users that name the realm within which their identity is unique. */
const TENANT_FIELDS = ['tenant', 'tenantId', 'tenant_id', 'tid'] as const;

/** Finds out who makes a request of the platform. */
export type Identify = (request: unknown) => Principal | undefined | Promise<Principal | undefined>;

/** A caller was let in who cannot be told from others: whatever belonged to one would belong to all. */
export class UnnamedCallerError extends McpConfigurationError {}

/** The given function, else what a guard left in `request.user`; throws for callers that cannot be told apart. */
export function identifier(given: Identify | undefined): Identify {
  if (!given) return principalOf;
  return (request) => {
    const found: unknown = given(request);
    // Queries of database libraries are often no promises, and must not be taken for the principal they will find.
    return isThenable(found) ? Promise.resolve(found).then(assertNamed) : assertNamed(found);
  };
}

/** The caller as an earlier guard or middleware left it in `request.user`. */
export function principalOf(platformRequest: unknown): Principal | undefined {
  const user = isObject(platformRequest) ? platformRequest['user'] : undefined;
  if (user === undefined || user === null || user === false) return undefined;
  if (!isObject(user)) {
    const subject = nameOf(user);
    if (subject !== undefined) return { subject };
    throw new UnnamedCallerError(`request.user is ${describe(user)}, which names nobody. ${FIX}`);
  }
  const subject = firstName(user, SUBJECT_FIELDS);
  if (subject === undefined) {
    throw new UnnamedCallerError(`request.user has none of ${SUBJECT_FIELDS.join(', ')}. ${FIX}`);
  }
  const tenant = firstName(user, TENANT_FIELDS);
  return { ...principalFromClaims(user), subject, ...(tenant !== undefined && { tenant }) };
}

const FIX =
  'Give McpModule the option principal, such as (request) => ({ subject: request.user.key }), or leave request.user ' +
  'empty for callers nobody knows';

function assertNamed(found: unknown): Principal | undefined {
  if (found === undefined || found === null) return undefined;
  if (isObject(found)) {
    const { subject, clientId } = found;
    if ((nameOf(subject) ?? nameOf(clientId)) !== undefined) return found;
  }
  throw new UnnamedCallerError(
    'McpModule option principal returned a caller without subject and clientId. Return { subject } with what ' +
      'tells callers apart, or undefined for callers nobody knows',
  );
}

function firstName(user: Readonly<Record<string, unknown>>, fields: readonly string[]): string | undefined {
  for (const field of fields) {
    const name = nameOf(user[field]);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** Text of a value that can name a caller: strings, numbers, and the ids of databases. */
function nameOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'bigint' || Number.isFinite(value)) return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex') || undefined;
  if (!isObject(value)) return undefined;
  if (typeof value['toHexString'] === 'function') return nameOf((value['toHexString'] as () => unknown)());
  return undefined;
}

function describe(user: unknown): string {
  if (user === '') return 'an empty string';
  return Array.isArray(user) ? 'an array' : `a ${typeof user}`;
}

function isThenable(found: unknown): found is PromiseLike<unknown> {
  return isObject(found) && typeof found['then'] === 'function';
}
