import { isPromise } from 'node:util/types';
import type { Principal } from '../../registry/principal.js';
import type { Call } from '../../calls/call.js';
import type { HttpExchange } from './http-exchange.js';
import type { Identify } from './principal.js';

/** Who makes a request, as far as it was let in. */
export interface Caller {
  readonly principal: Principal | undefined;
  /** How long what is known of the caller holds; without one, as long as the principal says. */
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

/** Lets everybody in, as whoever the application says it is. */
export function applicationAuthenticator(identify: Identify): Authenticator {
  return {
    authenticate: ({ platform }) => {
      const found = identify(platform.request);
      return isPromise(found) ? found.then((principal) => ({ principal })) : { principal: found };
    },
  };
}
