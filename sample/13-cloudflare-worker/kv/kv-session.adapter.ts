import { randomUUID } from 'node:crypto';
import { SessionAdapter } from 'nestjs-mcp-adapters';
import type { EventId, SessionData, SessionMeta, SessionState } from 'nestjs-mcp-adapters/adapters';
import { keysBelow, nameOf, put, type KvNamespace } from './kv-namespace.js';
import { KvStream } from './kv-stream.js';

/** Longest life of a session, in use or not: what it is known by is written once. */
const SESSION_SECONDS = 24 * 3600;

/** Time that a client has to come back for an event. */
const EVENT_SECONDS = 3600;

/** Streams that are remembered here. One that was forgotten is read again. */
const MAX_STREAMS = 1_000;

/**
 * Keeps sessions in Workers KV, which has no common order, no atomic change, and shows what was written elsewhere up to a
 * minute later. So nothing is read, changed and written back: each event has a key of its own, each value of the state
 * too, and a session that was deleted has a tombstone. Everything has a time to live.
 */
export class KvSessionAdapter extends SessionAdapter {
  readonly #streams = new Map<string, KvStream>();

  constructor(private readonly kv: KvNamespace) {
    super();
  }

  override generateSessionId(): string {
    return randomUUID();
  }

  override async create(id: string, meta: SessionMeta): Promise<SessionData> {
    await put(this.kv, `session/${nameOf(id)}`, JSON.stringify(meta), { expirationTtl: SESSION_SECONDS });
    return { meta };
  }

  override async has(id: string): Promise<boolean> {
    return (await this.get(id)) !== undefined;
  }

  override async get(id: string): Promise<SessionData | undefined> {
    const name = nameOf(id);
    const [meta, tombstone] = await Promise.all([
      this.kv.get(`session/${name}`),
      this.kv.get(`deleted/${name}`),
    ]);
    return meta === null || tombstone !== null ? undefined : { meta: JSON.parse(meta) as SessionMeta };
  }

  override async appendEvent(id: string, streamId: string, message: unknown): Promise<EventId | undefined> {
    if (!(await this.has(id))) return undefined;
    return `${await this.#stream(id, streamId).append(JSON.stringify(message))}#${streamId}`;
  }

  /** Never says that it is complete: what is on its way from elsewhere is not known. */
  override async replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): Promise<false | void> {
    const streamId = this.streamIdOf(lastEventId);
    if (streamId === undefined || !(await this.has(id))) return false;
    const position = lastEventId.slice(0, -streamId.length - 1);
    const events = await this.#stream(id, streamId).after(position);
    if (!events) return false;
    for (const event of events) await write(`${event.id}#${streamId}`, JSON.parse(event.message));
  }

  /** Leaves what it had to its time to live: only the tombstone says that it is over, wherever that has arrived. */
  override async delete(id: string): Promise<void> {
    const key = `deleted/${nameOf(id)}`;
    if ((await this.kv.get(key)) === null) await put(this.kv, key, '', { expirationTtl: SESSION_SECONDS });
  }

  /** The one record that the base class keeps would be read, changed and written back. */
  override async writeState(id: string, key: string, value: unknown): Promise<void> {
    if (!(await this.has(id))) return;
    await put(this.kv, `state/${nameOf(id)}/${nameOf(key)}`, JSON.stringify({ key, value }), {
      expirationTtl: SESSION_SECONDS,
    });
  }

  override async readState(id: string): Promise<SessionState> {
    if (!(await this.has(id))) return {};
    const keys = await keysBelow(this.kv, `state/${nameOf(id)}/`);
    const texts = await Promise.all(keys.map(({ name }) => this.kv.get(name)));
    const values = texts.map((text) => JSON.parse(text ?? '{}') as { key: string; value?: unknown });
    return Object.fromEntries(
      values.filter(({ value }) => value !== undefined).map(({ key, value }) => [key, value]),
    );
  }

  #stream(id: string, streamId: string): KvStream {
    const prefix = `event/${nameOf(id, streamId)}/`;
    const stream = this.#streams.get(prefix) ?? new KvStream(this.kv, prefix, EVENT_SECONDS);
    // Ordered by use.
    this.#streams.delete(prefix);
    this.#streams.set(prefix, stream);
    const [oldest] = this.#streams.keys();
    if (oldest !== undefined && this.#streams.size > MAX_STREAMS) this.#streams.delete(oldest);
    return stream;
  }
}
