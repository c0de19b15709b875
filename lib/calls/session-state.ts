import type { SessionAdapter } from '../adapters/session.adapter.js';
import type { RequestId } from '../protocol/json-rpc.js';
import { normalUri } from '../protocol/normal-uri.js';
import type { McpLogLevel } from '../protocol/types/logging.js';
import { digest } from './canonical-json.js';
import type { McpSession } from '../registry/mcp-session.js';

const MAX_STATE_BYTES = 64 * 1024;

/** Resources one session may watch. */
export const MAX_SUBSCRIPTIONS = 1000;

/** Keys of the application and of the library never meet. */
const USER = 'user:';
const LOG_LEVEL = 'mcp:logLevel';
const SUBSCRIBED = 'mcp:subscribed:';
const STREAM = 'mcp:stream:';
const SERVED_ELSEWHERE = 'mcp:served';
const LISTENER = 'mcp:listener:';

/** Instance that runs the requests that a stream waits for. */
export interface StreamOwner {
  readonly instance: string;
  readonly ids: readonly RequestId[];
}

/** The values of one session that change: those of the application, and those the protocol needs. */
export class SessionState implements McpSession {
  constructor(
    readonly id: string,
    private readonly adapter: SessionAdapter,
  ) {}

  async get<T = unknown>(key: string): Promise<T | undefined> {
    // An adapter that knows only facts may give out what it keeps.
    return structuredClone((await this.adapter.readState(this.id))[USER + key]) as T | undefined;
  }

  async set(key: string, value: unknown): Promise<void> {
    const json = toJson(value);
    if (json === undefined) throw new RangeError(`ctx.session.set("${key}"): the value is not JSON`);
    const others = Object.entries(await this.adapter.readState(this.id)).filter(
      ([name]) => name.startsWith(USER) && name !== USER + key,
    );
    const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(others)) + key + json);
    if (bytes > MAX_STATE_BYTES) {
      throw new RangeError(
        `ctx.session.set("${key}"): the session would hold ${bytes} bytes, ${MAX_STATE_BYTES} at most`,
      );
    }
    await this.adapter.writeState(this.id, USER + key, JSON.parse(json));
  }

  async delete(key: string): Promise<void> {
    await this.adapter.writeState(this.id, USER + key, undefined);
  }

  async logLevel(): Promise<McpLogLevel | undefined> {
    return (await this.adapter.readState(this.id))[LOG_LEVEL] as McpLogLevel | undefined;
  }

  setLogLevel(level: McpLogLevel): Promise<void> {
    return this.adapter.writeState(this.id, LOG_LEVEL, level);
  }

  /** URI of a resource as the client wrote it when it subscribed; `undefined` if it is not subscribed. */
  async subscribedAs(uri: string): Promise<string | undefined> {
    const normal = normalUri(uri);
    const kept = (await this.adapter.readState(this.id))[SUBSCRIBED + digest(normal)];
    if (kept === undefined) return undefined;
    return typeof kept === 'string' ? kept : normal;
  }

  /** Checks whether the session may subscribe to one more resource. */
  async canSubscribe(uri: string): Promise<boolean> {
    const kept = Object.entries(await this.adapter.readState(this.id)).filter(([key]) =>
      key.startsWith(SUBSCRIBED),
    );
    const length = kept.reduce((sum, [, value]) => sum + (typeof value === 'string' ? value.length : 0), 0);
    return kept.length < MAX_SUBSCRIPTIONS && length + uri.length <= MAX_STATE_BYTES;
  }

  /**
   * A key of its own for each URI, so that several can be added at once; of the same short length for all. The URI itself
   * is kept only where its normal form does not tell it.
   */
  setSubscribed(uri: string, isSubscribed: boolean): Promise<void> {
    const normal = normalUri(uri);
    const value = uri === normal ? 1 : uri;
    return this.adapter.writeState(this.id, SUBSCRIBED + digest(normal), isSubscribed ? value : undefined);
  }

  /** Checks whether an instance other than the one that began the session has served it. */
  async isServedElsewhere(): Promise<boolean> {
    return (await this.adapter.readState(this.id))[SERVED_ELSEWHERE] === 1;
  }

  async markServedElsewhere(): Promise<void> {
    if (!(await this.isServedElsewhere())) await this.adapter.writeState(this.id, SERVED_ELSEWHERE, 1);
  }

  /** Openings of the stream that belongs to no request, of which each owes the session what its instance has not told yet. */
  async listeners(): Promise<readonly string[]> {
    const names = Object.keys(await this.adapter.readState(this.id));
    return names.filter((name) => name.startsWith(LISTENER)).map((name) => name.slice(LISTENER.length));
  }

  setListener(opening: string, isListening: boolean): Promise<void> {
    return this.adapter.writeState(this.id, LISTENER + opening, isListening ? 1 : undefined);
  }

  async streamOwner(streamId: string): Promise<StreamOwner | undefined> {
    return (await this.adapter.readState(this.id))[STREAM + streamId] as StreamOwner | undefined;
  }

  setStreamOwner(streamId: string, owner: StreamOwner | undefined): Promise<void> {
    return this.adapter.writeState(this.id, STREAM + streamId, owner);
  }
}

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
