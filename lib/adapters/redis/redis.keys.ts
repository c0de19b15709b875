import type { RequestId } from '../../protocol/json-rpc.js';

/**
 * The names of all keys and channels. What belongs to one session, to one instance or to the bus has one hash tag each,
 * so that a script finds all of it on one node of a Cluster.
 *
 * Names of channels are complete: ioredis adds the prefix of a client to keys, not to them.
 */
export class RedisKeys {
  readonly #channelPrefix: string;

  constructor(
    private readonly prefix: string,
    clientPrefix: string,
  ) {
    this.#channelPrefix = clientPrefix + prefix;
  }

  /** Hash: facts, counters and settings of a session. Its expiry is that of the session. */
  session(id: string): string {
    return `${this.prefix}:${tag(id)}`;
  }

  /** Hash: the state of a session, by key. */
  state(id: string): string {
    return `${this.prefix}:${tag(id)}:state`;
  }

  /** Sorted set: the streams of a session by their last sequence number. */
  streams(id: string): string {
    return `${this.prefix}:${tag(id)}:streams`;
  }

  /** Stream: the newest events of one stream. */
  log(id: string, streamId: string): string {
    return `${this.prefix}:${tag(id)}:log:${streamId}`;
  }

  /** Channel: the events of one stream. */
  streamChannel(id: string, streamId: string): string {
    return `${this.#channelPrefix}:${tag(id)}:live:${streamId}`;
  }

  /** Channel: the end of a session. */
  sessionChannel(id: string): string {
    return `${this.#channelPrefix}:${tag(id)}:ended`;
  }

  /** String: who asked this and waits. */
  asked(sessionId: string | undefined, requestId: RequestId): string {
    const session = sessionId === undefined ? '' : `{${sessionId}}:`;
    return `${this.prefix}:${session}asked:${JSON.stringify(requestId)}`;
  }

  /** String: a question of an instance, and its answer once there is one. */
  question(asker: string, token: string): string {
    return `${this.prefix}:{${asker}}:question:${token}`;
  }

  /** String: there as long as an instance that asks lives. */
  askerLease(asker: string): string {
    return `${this.prefix}:{${asker}}:asking`;
  }

  /** Channel: the answers for an instance. */
  answers(asker: string): string {
    return `${this.#channelPrefix}:{${asker}}:answers`;
  }

  /** String: there as long as an instance of the server lives. */
  instanceLease(instance: string): string {
    return `${this.prefix}:instance:${instance}`;
  }

  /** Stream: the newest events of the bus. */
  busLog(): string {
    return `${this.prefix}:{bus}:log`;
  }

  /** Channel: the events of the bus. */
  busChannel(): string {
    return `${this.#channelPrefix}:{bus}:live`;
  }
}

/** An empty tag is none; ids are visible ASCII, so that no other one is a space. */
function tag(id: string): string {
  return `{${id === '' ? ' ' : id}}`;
}
