import { isObject } from '../../protocol/json-rpc.js';
import type { Principal } from '../../registry/principal.js';

/** The caller as an earlier guard or middleware left it in `request.user`. */
export function principalOf(platformRequest: unknown): Principal | undefined {
  const user = isObject(platformRequest) ? platformRequest['user'] : undefined;
  if (!isObject(user)) return undefined;
  return {
    ...named('issuer', user['iss']),
    ...named('clientId', user['client_id'] ?? user['azp']),
    ...named('subject', user['sub'] ?? user['id'] ?? user['userId'] ?? user['username']),
    claims: user,
  };
}

function named<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return typeof value === 'string' || typeof value === 'number'
    ? ({ [key]: String(value) } as { [P in K]: string })
    : {};
}
