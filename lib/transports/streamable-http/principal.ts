import { isObject } from '../../protocol/json-rpc.js';
import { named, principalOfClaims } from '../../registry/claims.js';
import type { Principal } from '../../registry/principal.js';

/** The caller as an earlier guard or middleware left it in `request.user`. */
export function principalOf(platformRequest: unknown): Principal | undefined {
  const user = isObject(platformRequest) ? platformRequest['user'] : undefined;
  if (!isObject(user)) return undefined;
  const { sub, id, userId, username } = user;
  return { ...principalOfClaims(user), ...named('subject', sub ?? id ?? userId ?? username) };
}
