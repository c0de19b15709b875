import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** As much as is needed of a binding to a namespace of Workers KV. */
export interface KvNamespace {
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options: KvPutOptions): Promise<void>;
  list<M>(options: { readonly prefix: string; readonly cursor?: string }): Promise<KvList<M>>;
}

/** Time to live in seconds, 60 at least, and up to 1024 bytes that a list gives out with the key. */
export interface KvPutOptions {
  readonly expirationTtl: number;
  readonly metadata?: unknown;
}

interface KvKey<M> {
  readonly name: string;
  readonly metadata?: M;
}

interface KvList<M> {
  readonly keys: readonly KvKey<M>[];
  readonly list_complete: boolean;
  readonly cursor?: string;
}

/** Part of a key for any text: ids come from clients, and a key takes 512 bytes at most. */
export function nameOf(...texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('base64url').slice(0, 32);
}

/** All keys that begin so, in their order. */
export async function keysBelow<M>(kv: KvNamespace, prefix: string): Promise<KvKey<M>[]> {
  const keys: KvKey<M>[] = [];
  let cursor: string | undefined;
  do {
    const page = await kv.list<M>({ prefix, ...(cursor !== undefined && { cursor }) });
    keys.push(...page.keys);
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor !== undefined);
  return keys;
}

/** Writes, three times at most: a key takes one write a second, and the same again does no harm. */
export async function put(kv: KvNamespace, key: string, value: string, options: KvPutOptions): Promise<void> {
  for (let left = 2; ; left--) {
    try {
      return await kv.put(key, value, options);
    } catch (error) {
      if (left === 0) throw error;
      await delay(1_100);
    }
  }
}
