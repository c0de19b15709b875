import type { SessionAdapter } from '../adapters/session.adapter.js';
import type { RequestId } from '../protocol/json-rpc.js';
import type { LogLevel } from '../protocol/types/logging.js';
import { digest } from './canonical-json.js';
import type { McpSession } from '../registry/mcp-session.js';

const MAX_STATE_BYTES = 64 * 1024;

/** Keys of the application and of the library never meet. */
const USER = 'user:';
const LOG_LEVEL = 'mcp:logLevel';
const SUBSCRIBED = 'mcp:subscribed:';
const STREAM = 'mcp:stream:';

/** Which instance runs the requests that a stream waits for. */
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

  async logLevel(): Promise<LogLevel | undefined> {
    return (await this.adapter.readState(this.id))[LOG_LEVEL] as LogLevel | undefined;
  }

  setLogLevel(level: LogLevel): Promise<void> {
    return this.adapter.writeState(this.id, LOG_LEVEL, level);
  }

  /** Whether the client wants to hear of a resource. */
  async isSubscribed(uri: string): Promise<boolean> {
    return Object.hasOwn(await this.adapter.readState(this.id), SUBSCRIBED + digest(uri));
  }

  /** How many resources the client wants to hear of. */
  async subscriptionCount(): Promise<number> {
    const keys = Object.keys(await this.adapter.readState(this.id));
    return keys.filter((key) => key.startsWith(SUBSCRIBED)).length;
  }

  /** A key of its own for each URI, so that several can be added at once; of the same short length for all. */
  setSubscribed(uri: string, isSubscribed: boolean): Promise<void> {
    return this.adapter.writeState(this.id, SUBSCRIBED + digest(uri), isSubscribed ? 1 : undefined);
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
