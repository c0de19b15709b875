import { isPromise } from 'node:util/types';
import type { Principal } from '../../registry/principal.js';
import type { RequestContext } from '../../server/request-context.js';
import type { HttpExchange } from './http-exchange.js';
import type { Identify } from './principal.js';

/** Who makes a request, as far as it was let in. */
export interface Caller {
  readonly principal: Principal | undefined;
}

/** Decides who comes in. What it refuses it has answered. */
export interface Gate {
  /** Looks at a request before anything else of it is read; `undefined` when it is refused. */
  admit(exchange: HttpExchange): Caller | Promise<Caller | undefined>;

  /**
   * Looks at all requests of a POST before any of them is served; `false` when it is refused. Absent where who comes in
   * may do whatever there is.
   */
  permit?(exchange: HttpExchange, calls: readonly RequestContext[]): Promise<boolean>;
}

/** Lets everybody in, as whoever the application says it is. */
export function openGate(identify: Identify): Gate {
  return {
    admit: ({ platform }) => {
      const found = identify(platform.request);
      return isPromise(found) ? found.then((principal) => ({ principal })) : { principal: found };
    },
  };
}
