import { AdapterUnavailableError } from '../adapter-unavailable.error.js';
import {
  Store,
  type AppendedEntry,
  type AppendOptions,
  type AppendRefusal,
  type BellListener,
  type LogPosition,
  type LogSlice,
  type StoredRecord,
  type StoreFields,
  type StoreKey,
  type StoreWriteOptions,
} from '../store.js';
import { retryWhileUnavailable } from '../store/retry.js';
import type { StoreObjectNamespace } from './cloudflare.interface.js';
import type { ObjectMethod } from './mcp-store-object.js';
import { ObjectFollower } from './object-follower.js';

/** JSON leaves out what is undefined. */
const NO_PREVIOUS = { previous: undefined };

/** Objects are asked by name, whatever the host is called. */
const URL_OF_OBJECT = 'https://store/';

/** The most that SQLite of an object takes for one value. */
const MAX_VALUE_BYTES = 2_000_000;

/** Requests whose repetition changes nothing more. */
const REPEATABLE: ReadonlySet<ObjectMethod> = new Set(['read', 'touch', 'entries', 'trim', 'append']);

/** Milliseconds within which an object that is not there is asked again. */
const PATIENCE_MS = 2_000;

/**
 * Where the objects are.
 *
 * @publicApi
 */
export interface DurableObjectStoreOptions {
  /**
   * The binding to the namespace of `McpStoreObject`, or what gives it: `() => env.MCP_STORE`. It is asked for with the
   * first operation, as bindings are there only while a request is served.
   */
  readonly binding: StoreObjectNamespace | (() => StoreObjectNamespace);
  /** Begins the names of objects, where several applications share a namespace. @default 'mcp' */
  readonly prefix?: string;
}

/**
 * Keeps records in Durable Objects of Cloudflare, one object for each scope: a session, an instance, the announcements.
 *
 * @publicApi
 */
export class DurableObjectStore extends Store {
  readonly #followers = new Set<ObjectFollower>();

  constructor(private readonly options: DurableObjectStoreOptions) {
    super();
  }

  /** An object that was evicted has forgotten who follows it. */
  override get knowsListeners(): boolean {
    return false;
  }

  override read(key: StoreKey, only?: readonly string[]): Promise<StoredRecord | undefined> {
    return this.#ask(key, 'read', only);
  }

  override write(
    key: StoreKey,
    fields: StoreFields,
    options: StoreWriteOptions,
  ): Promise<string | undefined> {
    return this.#ask(key, 'write', fields, options);
  }

  override assign(
    key: StoreKey,
    patch: Readonly<Record<string, string | null>>,
  ): Promise<string | undefined> {
    return this.#ask(key, 'assign', patch);
  }

  override touch(
    key: StoreKey,
    ttlMs: number,
    options?: { readonly only?: readonly string[]; readonly exact?: boolean },
  ): Promise<StoredRecord | undefined> {
    return this.#ask(key, 'touch', ttlMs, options);
  }

  override remove(
    key: StoreKey,
    options?: { readonly ifVersion?: string },
  ): Promise<StoreFields | undefined> {
    return this.#ask(key, 'remove', options);
  }

  override async append(
    key: StoreKey,
    tag: string,
    body: string,
    options: AppendOptions,
  ): Promise<AppendedEntry | AppendRefusal> {
    const appended = await this.#ask<AppendedEntry | AppendRefusal>(key, 'append', tag, body, options);
    return typeof appended === 'string' ? appended : { ...NO_PREVIOUS, ...appended };
  }

  override async entries(
    key: StoreKey,
    tag: string,
    after: LogPosition | undefined,
    limit: number,
  ): Promise<LogSlice | undefined> {
    const slice = await this.#ask<LogSlice | undefined>(key, 'entries', tag, after, limit);
    if (!slice) return undefined;
    const entries = slice.entries.map((entry) => ({ ...NO_PREVIOUS, ...entry }));
    return { ...slice, tail: slice.tail, entries };
  }

  override async trim(key: StoreKey, tag: string, upTo: LogPosition): Promise<void> {
    await this.#ask(key, 'trim', tag, upTo);
  }

  override async listen(key: StoreKey, ring: BellListener): Promise<() => void> {
    const follower = new ObjectFollower(
      (signal) => this.#fetch(key.scope, `?follow=${key.name}`, { signal }),
      ring,
    );
    this.#followers.add(follower);
    const stop = () => {
      this.#followers.delete(follower);
      follower.stop();
    };
    try {
      await follower.start();
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  }

  override async ping(): Promise<void> {
    await this.#ask({ scope: 'ping', name: 'ping', hasLog: false }, 'read', []);
  }

  override async close(): Promise<void> {
    for (const follower of [...this.#followers]) follower.stop();
    this.#followers.clear();
  }

  /** Asks again for a while where that does no harm: an object that is evicted loses the requests it was serving. */
  #ask<T>(key: StoreKey, method: ObjectMethod, ...parameters: unknown[]): Promise<T> {
    if (!REPEATABLE.has(method)) return this.#askOnce(key, method, parameters);
    const until = performance.now() + PATIENCE_MS;
    return retryWhileUnavailable(
      (isRepeat) =>
        this.#askOnce(key, method, isRepeat ? parametersOfRepeat(method, parameters) : parameters),
      { isWanted: () => performance.now() < until },
    );
  }

  async #askOnce<T>(
    { scope, name }: StoreKey,
    method: ObjectMethod,
    parameters: readonly unknown[],
  ): Promise<T> {
    // JSON knows null alone; what is left out at the end is left out there, too.
    const given = parameters.slice(0, parameters.findLastIndex((parameter) => parameter !== undefined) + 1);
    const body = JSON.stringify([method, name, ...given.map((parameter) => parameter ?? null)]);
    if (body.length > MAX_VALUE_BYTES / 4 && Buffer.byteLength(body) > MAX_VALUE_BYTES) {
      throw new RangeError(`A Durable Object keeps ${MAX_VALUE_BYTES} bytes in one value at most`);
    }
    const response = await this.#fetch(scope, '', { method: 'POST', body });
    try {
      return ((await response.json()) as { result: T }).result;
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  async #fetch(scope: string, query: string, init: RequestInit): Promise<Response> {
    const { binding, prefix = 'mcp' } = this.options;
    const namespace = typeof binding === 'function' ? binding() : binding;
    try {
      const object = namespace.get(namespace.idFromName(`${prefix}:${scope}`) as never);
      const response = await object.fetch(URL_OF_OBJECT + query, init);
      if (!response.ok) throw new Error(`The object answered ${response.status}`);
      return response;
    } catch (cause) {
      throw unavailable(cause);
    }
  }
}

/**
 * A store in Durable Objects, for the option `store` of `McpModule.forRoot()`.
 *
 * ```ts
 * import { env } from 'cloudflare:workers';
 * McpModule.forRoot({ store: durableObjectStore({ binding: () => env.MCP_STORE }), requestStateSecret });
 * ```
 *
 * @publicApi
 */
export function durableObjectStore(options: DurableObjectStoreOptions): DurableObjectStore {
  return new DurableObjectStore(options);
}

/** An append is known by its id, which is looked for then. */
function parametersOfRepeat(method: ObjectMethod, parameters: readonly unknown[]): readonly unknown[] {
  if (method !== 'append') return parameters;
  const [tag, body, options] = parameters as [string, string, AppendOptions];
  return [tag, body, { ...options, isRepeat: true }];
}

function unavailable(cause: unknown): AdapterUnavailableError {
  return new AdapterUnavailableError('The Durable Objects cannot be reached', { cause });
}
