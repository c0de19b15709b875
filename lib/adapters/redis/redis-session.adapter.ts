import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { EventsLostError } from '../events-lost.error.js';
import {
  SessionAdapter,
  type AppendAttempt,
  type SessionData,
  type SessionMeta,
  type SessionState,
} from '../session.adapter.js';
import type { EventId, StreamEvent } from '../stream-event.js';
import { formatEventId, parseEventId } from './event-position.js';
import { InstanceLeases } from './instance-leases.js';
import type { RedisAdapterOptions } from './redis-adapter-options.interface.js';
import { RedisConnections } from './redis-connections.js';
import { createSession } from './scripts/create-session.script.js';
import { deleteSession } from './scripts/delete-session.script.js';
import { openSession } from './scripts/open-session.script.js';
import { writeState } from './scripts/write-state.script.js';
import { StreamFollower } from './stream-follower.js';
import { readLog } from './stream-log.js';
import { StreamWriter } from './stream-writer.js';

/** Of what is kept for a session. A later one will be able to read this one. */
const FORMAT = 1;

/** How long a session lives that was begun and not opened yet. */
const UNOPENED_MS = 60 * 60_000;

/**
 * Keeps sessions in Redis, for any number of instances. Everything of a session expires with it.
 *
 * Every call is one round trip. Events reach their readers from the log; while Redis is away readers wait, and whatever
 * else is called rejects with `RedisUnavailableError`.
 *
 * @publicApi
 */
@Injectable()
export class RedisSessionAdapter extends SessionAdapter {
  readonly #connections: RedisConnections;
  readonly #release: () => Promise<void>;
  readonly #writer: StreamWriter;
  readonly #follower: StreamFollower;
  readonly #leases: InstanceLeases;

  /** Takes the connections that other adapters use too, or how to make its own. */
  constructor(@Inject(RedisConnections) connections: RedisConnections | RedisAdapterOptions) {
    super();
    this.#connections = RedisConnections.of(connections);
    this.#release = this.#connections.retain();
    this.#follower = new StreamFollower(this.#connections);
    this.#writer = new StreamWriter(this.#connections, this.#follower);
    this.#leases = new InstanceLeases(this.#connections);
  }

  override generateSessionId(): string {
    return randomBytes(24).toString('base64url');
  }

  override async create(id: string, meta: SessionMeta): Promise<SessionData> {
    const { keys } = this.#connections;
    const facts = JSON.stringify(meta);
    const generation = randomBytes(6).toString('base64url');
    const streams = await this.#connections.run((client) =>
      createSession.run(
        client,
        [keys.session(id), keys.state(id), keys.streams(id)],
        [FORMAT, generation, facts, UNOPENED_MS, keys.sessionChannel(id), this.#connections.publish],
      ),
    );
    await this.#writer.removeLogs(id, streams);
    return { meta: JSON.parse(facts) as SessionMeta };
  }

  override async has(id: string): Promise<boolean> {
    const key = this.#connections.keys.session(id);
    return (await this.#connections.run((client) => client.exists(key))) > 0;
  }

  override async get(id: string): Promise<SessionData | undefined> {
    const key = this.#connections.keys.session(id);
    const [format, facts] = await this.#connections.run((client) => client.hmget(key, 'v', 'meta'));
    return toSession(format, facts);
  }

  override async appendEvent(
    id: string,
    streamId: string,
    message: unknown,
    attempt?: AppendAttempt,
  ): Promise<EventId | undefined> {
    const event = await this.#writer.append(id, streamId, message, attempt);
    return event && formatEventId(event.generation, event.sequence, streamId);
  }

  override async replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): Promise<boolean> {
    let position = parseEventId(lastEventId);
    while (position) {
      const chunk = await readLog(this.#connections, id, position).catch(undefinedIfLost);
      if (!chunk) return false;
      for (const event of chunk.events) await write(event.id, event.message);
      if (chunk.isAll) return true;
      position = parseEventId(chunk.events.at(-1)?.id ?? '');
    }
    return false;
  }

  override async delete(id: string): Promise<void> {
    const { keys } = this.#connections;
    const streams = await this.#connections.run((client) =>
      deleteSession.run(
        client,
        [keys.session(id), keys.state(id), keys.streams(id)],
        [keys.sessionChannel(id), this.#connections.publish],
      ),
    );
    await this.#writer.removeLogs(id, streams);
  }

  override async open(id: string, ttlMs: number): Promise<SessionData | undefined> {
    const { keys } = this.#connections;
    const opened = await this.#connections.run((client) =>
      openSession.run(
        client,
        [keys.session(id), keys.state(id), keys.streams(id)],
        [ttlMs, this.#writer.maxStreamLogs],
      ),
    );
    if (!opened) return undefined;
    const [format, facts, ...streams] = opened;
    this.#writer.keepLogs(id, streams, ttlMs);
    return toSession(format, facts);
  }

  override isAlive(id: string): Promise<boolean> {
    return this.has(id);
  }

  override end(id: string): Promise<void> {
    return this.delete(id);
  }

  override async readState(id: string): Promise<SessionState> {
    const key = this.#connections.keys.state(id);
    const stored = await this.#connections.run((client) => client.hgetall(key));
    const state = Object.entries(stored).map(
      ([name, value]) => [name, JSON.parse(value) as unknown] as const,
    );
    return Object.fromEntries(state);
  }

  override async writeState(id: string, key: string, value: unknown): Promise<void> {
    const { keys } = this.#connections;
    const stored = value === undefined ? [] : [JSON.stringify(value)];
    await this.#connections.run((client) =>
      writeState.run(client, [keys.session(id), keys.state(id)], [key, ...stored]),
    );
  }

  override async *subscribe(
    id: string,
    afterEventId: EventId,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    const position = parseEventId(afterEventId);
    if (position) yield* this.#follower.follow(id, position, signal);
    else if (await this.has(id)) throw new EventsLostError(`The session has no event ${afterEventId}`);
  }

  override keepInstanceAlive(instance: string, ttlMs: number): Promise<void> {
    return this.#leases.keep(instance, ttlMs);
  }

  override isInstanceAlive(instance: string): Promise<boolean> {
    return this.#leases.isKept(instance);
  }

  override ping(): Promise<void> {
    return this.#connections.ping();
  }

  override async close(): Promise<void> {
    this.#leases.close();
    await this.#release();
  }
}

function toSession(format: string | null | undefined, facts: string | null | undefined) {
  if (typeof facts !== 'string') return undefined;
  if (Number(format) > FORMAT) {
    throw new Error(`The session was written in format ${format} by a newer version of nestjs-mcp-adapters`);
  }
  return { meta: JSON.parse(facts) as SessionMeta };
}

function undefinedIfLost(error: unknown): undefined {
  if (error instanceof EventsLostError) return undefined;
  throw error;
}
