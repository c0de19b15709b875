import { randomBytes } from 'node:crypto';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import type { AppendAttempt } from '../session.adapter.js';
import type { LiveEvent } from './live-event.js';
import type { RedisConnections } from './redis-connections.js';
import { appendEvent } from './scripts/append-event.script.js';
import { dropLog } from './scripts/drop-log.script.js';
import { encodeValue } from './stored-json.js';
import type { StreamFollower } from './stream-follower.js';

/** Streams of a session whose last event is known, so that it can be told whether anything follows. */
const MAX_POSITIONS = 4_096;

/** Longest message that is published itself; readers get others from the log. */
const MAX_PUBLISHED_BYTES = 16 * 1024;

/** Newest events among which an append looks for itself: none as a rule, some if it may be late, all if it is repeated. */
const LOOKED_AT = { first: 0, named: 1, repeated: 256 };

/** How long logs live, in quarters of the session's time to live: they are told to live on four times in that. */
const LIFE_IN_QUARTERS = 5;

/** Writes the logs of streams, and keeps them as long as their sessions live. */
export class StreamWriter {
  readonly #name = randomBytes(6).toString('base64url');
  #count = 0;
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  readonly maxStreamLogs: number;

  constructor(
    private readonly connections: RedisConnections,
    private readonly follower: StreamFollower,
  ) {
    const { options } = connections;
    this.#maxEvents = atLeastOne('maxEventsPerStream', options.maxEventsPerStream ?? 1024);
    this.#maxBytes = atLeastOne('maxEventBytesPerStream', options.maxEventBytesPerStream ?? 1024 * 1024);
    this.maxStreamLogs = atLeastOne('maxStreamLogs', options.maxStreamLogs ?? 64);
  }

  /** Appends an event and publishes it, once, however often it has to be tried. `undefined` without a session. */
  async append(
    id: string,
    streamId: string,
    message: unknown,
    attempt?: AppendAttempt,
  ): Promise<LiveEvent | undefined> {
    const { keys } = this.connections;
    const channel = keys.streamChannel(id, streamId);
    const stored = encodeValue(message);
    const name = attempt?.name ?? `${this.#name}.${++this.#count}`;
    // The first attempt of a named one may reach Redis after the second.
    const first = attempt ? LOOKED_AT.named : LOOKED_AT.first;
    const appended = await this.connections.run((client, isRetry) =>
      appendEvent.run(
        client,
        [keys.session(id), keys.state(id), keys.streams(id), keys.log(id, streamId)],
        [
          ...([streamId, stored, name] as const),
          isRetry || attempt?.isRepeat ? LOOKED_AT.repeated : first,
          ...([
            this.#maxEvents,
            this.#maxBytes,
            this.maxStreamLogs,
            MAX_POSITIONS,
            LIFE_IN_QUARTERS,
          ] as const),
          ...([channel, this.connections.publish, MAX_PUBLISHED_BYTES] as const),
        ],
      ),
    );
    if (!appended) return undefined;
    const [generation, sequence, previous, dropped] = appended;
    if (typeof dropped === 'string') this.#dropLog(id, dropped);
    const event = { generation, sequence: Number(sequence), previous: Number(previous), stored };
    this.follower.offer(channel, event);
    return event;
  }

  async removeLogs(id: string, streams: readonly string[]): Promise<void> {
    const { keys } = this.connections;
    await Promise.all(
      streams.map((streamId) => this.connections.run((client) => client.unlink(keys.log(id, streamId)))),
    );
  }

  /** Lets logs live as long as their session, which they otherwise do from one event to the next. */
  keepLogs(id: string, streams: readonly string[], ttlMs: number): void {
    const { keys } = this.connections;
    const lifeMs = Math.ceil((ttlMs / 4) * LIFE_IN_QUARTERS);
    for (const streamId of streams) {
      // Those that fail expire a little early, and the session has had other trouble by then.
      this.connections.run((client) => client.pexpire(keys.log(id, streamId), lifeMs)).catch(() => {});
    }
  }

  #dropLog(id: string, streamId: string): void {
    const { keys } = this.connections;
    const names = [keys.streams(id), keys.log(id, streamId)] as const;
    // One that cannot be removed now expires.
    this.connections
      .run((client) => dropLog.run(client, names, [streamId, this.maxStreamLogs]))
      .catch(() => {});
  }
}

function atLeastOne(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new McpConfigurationError(`Redis adapters: ${option} must be an integer of 1 or more, not ${value}`);
}
