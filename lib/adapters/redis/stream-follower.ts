import { setTimeout as delay } from 'node:timers/promises';
import { EventsLostError } from '../events-lost.error.js';
import type { StreamEvent } from '../stream-event.js';
import { formatEventId, type EventPosition } from './event-position.js';
import { parseLiveEvent, type LiveEvent } from './live-event.js';
import type { RedisConnections } from './redis-connections.js';
import { RedisUnavailableError } from './redis-unavailable.error.js';
import { decodeValue } from './stored-json.js';
import { readLog, type LogChunk } from './stream-log.js';
import { StreamTail } from './stream-tail.js';

/** Between two attempts to read the log while Redis is away. */
const PAUSE_MS = { first: 50, last: 1_000 };

/**
 * Follows streams: from the log until the reader has caught up, then as events are published. Whatever does not fit
 * together, such as a lost connection or a reader that is too slow, is read from the log again.
 */
export class StreamFollower {
  /** The readers of this process by channel, to be told of what this process itself appends. */
  readonly #tails = new Map<string, Set<StreamTail>>();

  constructor(private readonly connections: RedisConnections) {}

  /** Tells readers of this process of an event that it has appended: they need not wait until it comes back. */
  offer(channel: string, event: LiveEvent): void {
    for (const tail of this.#tails.get(channel) ?? []) tail.offer(event);
  }

  /** Everything after a position, until the signal is aborted or the session is gone. */
  async *follow(id: string, start: EventPosition, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    const { generation, streamId } = start;
    const tail = new StreamTail();
    const leave = await this.#join(id, start, tail);
    let { sequence } = start;
    try {
      while (!signal.aborted) {
        const live = tail.take(sequence);
        if (live) {
          sequence = live.sequence;
          yield { id: formatEventId(generation, sequence, streamId), message: decodeValue(live.stored) };
          continue;
        }
        if (!tail.beginReading()) {
          await tail.wait(signal);
          continue;
        }
        const chunk = await this.#read(id, { generation, streamId, sequence }, signal);
        if (!chunk) return;
        if (!chunk.isAll) tail.miss();
        for (const event of chunk.events) {
          if (signal.aborted) return;
          sequence = event.sequence;
          yield { id: event.id, message: event.message };
        }
      }
    } finally {
      leave();
    }
  }

  async #join(id: string, { generation, streamId }: EventPosition, tail: StreamTail): Promise<() => void> {
    const { keys } = this.connections;
    const channel = keys.streamChannel(id, streamId);
    const gap = () => tail.miss();
    const message = (text: string) => {
      const event = parseLiveEvent(text);
      if (event?.generation === generation) tail.offer(event);
      else tail.miss();
    };
    const tails = this.#tails.get(channel) ?? new Set();
    this.#tails.set(channel, tails.add(tail));
    const leaves = [
      () => {
        if (tails.delete(tail) && tails.size === 0) this.#tails.delete(channel);
      },
    ];
    const leave = () => leaves.forEach((each) => each());
    try {
      const subscriber = await this.connections.subscriber();
      const joined = await Promise.allSettled([
        subscriber.subscribe(channel, { message, gap }),
        subscriber.subscribe(keys.sessionChannel(id), { message: gap, gap }),
      ]);
      for (const one of joined) if (one.status === 'fulfilled') leaves.push(one.value);
      const failed = joined.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason as Error;
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** While Redis is away the reader waits: what it misses will be in the log. `undefined` when there is no more to come. */
  async #read(id: string, position: EventPosition, signal: AbortSignal): Promise<LogChunk | undefined> {
    for (let pauseMs = PAUSE_MS.first; !signal.aborted; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.last)) {
      try {
        return await readLog(this.connections, id, position);
      } catch (error) {
        if (error instanceof EventsLostError || !(error instanceof RedisUnavailableError)) throw error;
        await delay(pauseMs, undefined, { signal, ref: false }).catch(() => {});
      }
    }
    return undefined;
  }
}
