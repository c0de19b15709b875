import type { Bell } from '../store.js';
import type { StoreObjectState } from './cloudflare.interface.js';
import { ObjectRecords } from './object-records.js';

/** How often a follower hears that it is still connected. A follower that has gone is noticed by that, too. */
export const HEARTBEAT_MS = 10_000;

/** Entries with more text ring without it. */
const MAX_BELL_LENGTH = 16 * 1024;

/** How much later than records expire they are swept, so that many are at once. */
const SWEEP_AFTER_MS = 5_000;

/** Methods of the records that a request may call, by name. */
const METHODS = ['read', 'write', 'assign', 'touch', 'remove', 'append', 'entries', 'trim'] as const;

/** Method that a request calls on an object. */
export type ObjectMethod = (typeof METHODS)[number];

/** Methods after which there may be a record that expires earlier than any before. */
const SETS_EXPIRY: ReadonlySet<string> = new Set(['write', 'touch', 'append']);

const encoder = new TextEncoder();

/**
 * Durable Object that keeps the records of one scope, such as a session with its log, in its SQLite database. Export it
 * from the worker, and name it in the configuration: a binding, and a migration with `new_sqlite_classes`.
 *
 * It may be hibernated or evicted at any time: what it holds in memory are the connections of followers, who come back and
 * go on by position.
 *
 * @publicApi
 */
export class McpStoreObject {
  readonly #storage: StoreObjectState['storage'];
  readonly #records: ObjectRecords;
  /** Followers by the name of the record. */
  readonly #followers = new Map<string, Set<ReadableStreamDefaultController<Uint8Array>>>();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(state: StoreObjectState, _environment?: unknown) {
    this.#storage = state.storage;
    this.#records = new ObjectRecords(state.storage, (name, bell) => this.#ring(name, bell));
  }

  /** Answers the store: a method of it as JSON, or a stream of bells. @internal */
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const followed = searchParams.get('follow');
    if (followed !== null) return this.#follow(followed);
    const [method, ...parameters] = (await request.json()) as [ObjectMethod, ...unknown[]];
    if (!METHODS.includes(method)) return new Response(null, { status: 404 });
    const result = (this.#records[method] as (...parameters: unknown[]) => unknown).apply(
      this.#records,
      parameters.map((parameter) => parameter ?? undefined),
    );
    if (SETS_EXPIRY.has(method)) await this.#schedule();
    return Response.json({ result });
  }

  /** Removes what has expired. @internal */
  async alarm(): Promise<void> {
    const next = this.#records.sweep();
    if (next !== undefined) return this.#storage.setAlarm(next + SWEEP_AFTER_MS);
    // An object without data costs nothing.
    await this.#storage.deleteAll();
    this.#records.create();
  }

  async #schedule(): Promise<void> {
    const next = this.#records.nextExpiry();
    if (next === undefined) return;
    const alarm = await this.#storage.getAlarm();
    if (alarm === null || alarm > next + 2 * SWEEP_AFTER_MS) {
      await this.#storage.setAlarm(next + SWEEP_AFTER_MS);
    }
  }

  #follow(name: string): Response {
    let own: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        const followers = this.#followers.get(name) ?? new Set();
        this.#followers.set(name, followers.add(controller));
        // The head goes out with the first byte.
        this.#send(name, controller, '\n');
        this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS);
      },
      cancel: () => {
        if (own) this.#leave(name, own);
      },
    });
    return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } });
  }

  #ring(name: string, bell: Bell): void {
    const followers = this.#followers.get(name);
    if (!followers) return;
    const isLarge = typeof bell === 'object' && bell.body.length > MAX_BELL_LENGTH;
    const line = `${JSON.stringify(isLarge ? 'appended' : bell)}\n`;
    for (const follower of [...followers]) this.#send(name, follower, line);
  }

  #beat(): void {
    for (const [name, followers] of this.#followers) {
      for (const follower of [...followers]) this.#send(name, follower, '\n');
    }
  }

  #send(name: string, follower: ReadableStreamDefaultController<Uint8Array>, line: string): void {
    try {
      follower.enqueue(encoder.encode(line));
    } catch {
      this.#leave(name, follower);
    }
  }

  #leave(name: string, follower: ReadableStreamDefaultController<Uint8Array>): void {
    const followers = this.#followers.get(name);
    followers?.delete(follower);
    if (followers?.size === 0) this.#followers.delete(name);
    if (this.#followers.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}
