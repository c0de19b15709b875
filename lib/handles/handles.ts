import type { McpLimits } from '../mcp-limits.js';
import { randomBytes } from 'node:crypto';
import type { Store, StoreKey } from '../adapters/store.js';
import { Quota, retryOnConflict } from '../adapters/store/quota.js';
import { StoreKeys } from '../adapters/store/store-keys.js';
import { decodeValue, encodeValue } from '../adapters/store/stored-value.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { HANDLE_BYTES, handlePattern, type HandleOptions, type McpHandles } from '../registry/mcp-handles.js';
import { callerKey } from '../calls/caller-key.js';
import { digest } from '../calls/canonical-json.js';
import type { Call, HandleSource } from '../calls/call.js';
import { McpAdapterMissingError } from '../calls/mcp-adapter-missing.error.js';
import { principalKey } from '../calls/principal-key.js';
import { McpHandleError } from './handle.error.js';

/** Lifetime for callers with a principal, if neither the handler nor the options set one. */
const DEFAULT_TTL_MS = 24 * 60 * 60_000;

/** More than that some stores cannot count. */
const MAX_TTL_MS = 10 * 365 * 24 * 60 * 60_000;

/** Characters of the name that a handle is counted under. */
const COUNTED_CHARACTERS = 16;

/**
 * Limits and lifetime of handles.
 *
 * @publicApi
 */
export interface McpHandlesOptions {
  /**
   * Milliseconds a handle lives if the handler that makes it does not say. For callers without a principal there is no
   * default: set it here, or with each `create()`.
   * @default 86400000 (24 hours) for callers with a principal
   */
  readonly ttlMs?: number;
}

/** Facts of a call that handles depend on. */
type Caller = Pick<Call, 'principal' | 'http'>;

/** The handles of a server, in a store. Who owns one is part of its key, so what is foreign cannot be found. */
export class Handles implements HandleSource {
  readonly ttlMs: number | undefined;
  readonly keys: StoreKeys;

  /** Without a store every use fails, and says what to give. */
  constructor(
    private readonly store: Store | undefined,
    server: string,
    readonly limits: Pick<Required<McpLimits>, 'handlesPerPrincipal' | 'handleBytes'>,
    { ttlMs }: McpHandlesOptions,
  ) {
    this.keys = new StoreKeys(server);
    this.ttlMs = ttlMs;
  }

  of<T>(kind: string, caller: Caller): McpHandles<T> {
    const pattern = handlePattern(kind);
    if (this.store) return new KindHandles<T>(this, this.store, { kind, pattern, caller });
    throw new McpAdapterMissingError(
      `ctx.handles("${kind}") needs a store that all instances share, as the adapters of this server are: ` +
        'give McpModule.forRoot() the option store, such as redisStore({ client })',
    );
  }
}

/** Handles of one kind, as one caller sees them. */
class KindHandles<T> implements McpHandles<T> {
  readonly #kind: string;
  readonly #pattern: RegExp;
  readonly #caller: Caller;
  readonly #owner: string | undefined;
  readonly #quota: Quota;

  constructor(
    private readonly handles: Handles,
    private readonly store: Store,
    { kind, pattern, caller }: { kind: string; pattern: RegExp; caller: Caller },
  ) {
    this.#kind = kind;
    this.#pattern = pattern;
    this.#caller = caller;
    this.#owner = principalKey(caller.principal);
    this.#quota = new Quota(store);
  }

  async create(value: T, { ttlMs }: HandleOptions = {}): Promise<string> {
    const lifetimeMs = this.#lifetime(ttlMs);
    const json = this.#toJson(value, 'create');
    const id = `${this.#kind}_${randomBytes(HANDLE_BYTES).toString('base64url')}`;
    await this.#count(id, lifetimeMs);
    try {
      await this.store.write(this.#key(id), { value: json }, { ttlMs: lifetimeMs, ifVersion: null });
    } catch (error) {
      await this.#uncount(id);
      throw error;
    }
    return id;
  }

  async get(id: string): Promise<T> {
    const record = this.#pattern.test(id) ? await this.store.read(this.#key(id)) : undefined;
    if (!record) throw this.#unknown();
    return decodeValue(record.fields['value'] as string) as T;
  }

  async update(id: string, change: (value: T) => T | Promise<T>, { ttlMs }: HandleOptions = {}): Promise<T> {
    if (ttlMs !== undefined) this.#lifetime(ttlMs);
    if (!this.#pattern.test(id)) throw this.#unknown();
    const key = this.#key(id);
    let isCounted = ttlMs === undefined;
    const json = await retryOnConflict(async () => {
      const record = await this.store.read(key);
      if (!record) {
        if (ttlMs !== undefined && isCounted) await this.#uncount(id);
        throw this.#unknown();
      }
      const changed = this.#toJson(
        await change(decodeValue(record.fields['value'] as string) as T),
        'update',
      );
      if (!isCounted) await this.#count(id, ttlMs as number);
      isCounted = true;
      const lifetimeMs = ttlMs ?? Math.max(Math.floor(record.remainingMs), 1);
      const write = { ttlMs: lifetimeMs, ifVersion: record.version };
      return (await this.store.write(key, { value: changed }, write)) === undefined ? undefined : changed;
    });
    if (json !== undefined) return decodeValue(json) as T;
    throw new McpHandleError('busy', `The ${this.#kind} is being changed by other calls; try again`);
  }

  async delete(id: string): Promise<boolean> {
    if (!this.#pattern.test(id)) return false;
    const isRemoved = (await this.store.remove(this.#key(id))) !== undefined;
    if (isRemoved) await this.#quota.leave(this.#list, nameIn(id));
    return isRemoved;
  }

  #key(id: string): StoreKey {
    return this.handles.keys.handle(JSON.stringify([this.#owner ?? null, this.#kind, id]));
  }

  get #list(): StoreKey {
    return this.handles.keys.handlesOf(callerKey(this.#caller));
  }

  async #count(id: string, ttlMs: number): Promise<void> {
    const { handlesPerPrincipal } = this.handles.limits;
    if (await this.#quota.enter(this.#list, nameIn(id), ttlMs, handlesPerPrincipal)) return;
    throw new McpHandleError(
      'too_many',
      `There are ${handlesPerPrincipal} open handles already, which is the most. Use or delete one of them, or try again later`,
    );
  }

  /** Gives back the place of a value that is not there. One that cannot be given back now is free when its time is over. */
  async #uncount(id: string): Promise<void> {
    await this.#quota.leave(this.#list, nameIn(id)).catch(() => {});
  }

  #lifetime(given: number | undefined): number {
    const { ttlMs = this.#owner === undefined ? undefined : DEFAULT_TTL_MS } = this.handles;
    const lifetimeMs = given ?? ttlMs;
    if (lifetimeMs === undefined) {
      throw new McpConfigurationError(
        `ctx.handles("${this.#kind}").create(): ttlMs is missing, and this caller has no principal that the value could ` +
          'belong to: give create() a ttlMs, or McpModule.forRoot() the option handles.ttlMs',
      );
    }
    if (Number.isSafeInteger(lifetimeMs) && lifetimeMs >= 1 && lifetimeMs <= MAX_TTL_MS) return lifetimeMs;
    throw new McpConfigurationError(
      `ctx.handles("${this.#kind}"): ttlMs must be an integer from 1 to ${MAX_TTL_MS}, not ${lifetimeMs}`,
    );
  }

  #toJson(value: T, method: string): string {
    const json = jsonOf(value);
    if (json === undefined) {
      throw new RangeError(
        `ctx.handles("${this.#kind}").${method}(): the value is ${typeof value}, not JSON`,
      );
    }
    const bytes = Buffer.byteLength(json);
    const { handleBytes } = this.handles.limits;
    if (bytes <= handleBytes) return encodeValue(JSON.parse(json));
    throw new McpHandleError(
      'too_large',
      `The ${this.#kind} would hold ${bytes} bytes; it may hold ${handleBytes} at most`,
    );
  }

  #unknown(): McpHandleError {
    return new McpHandleError(
      'unknown',
      `There is no ${this.#kind} with this id. It may have expired: make a new ${this.#kind}, and use the id exactly as it was given`,
    );
  }
}

function nameIn(id: string): string {
  return digest(id).slice(0, COUNTED_CHARACTERS);
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
