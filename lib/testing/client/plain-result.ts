import { isObject } from '../../protocol/json-rpc.js';
import { MetaKey } from '../../protocol/request-meta.js';
import type { Result } from './wire.js';

/** A result without what only 2026-07-28 adds to every one, so that a test expects the same of each revision. */
export function plainResult<T>({ resultType: _, ttlMs: __, cacheScope: ___, _meta, ...result }: Result): T {
  const { [MetaKey.ServerInfo]: ____, ...meta } = isObject(_meta) ? _meta : {};
  return (Object.keys(meta).length > 0 ? { ...result, _meta: meta } : result) as T;
}
