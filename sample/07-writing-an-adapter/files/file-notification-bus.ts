import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { appendFile, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NotificationBus } from 'nestjs-mcp-adapters';
import type { BusEvent, BusListener } from 'nestjs-mcp-adapters/adapters';
import { ifThere } from './disk.js';

/** How often the events of other processes are looked for. */
const LOOK_MS = 50;

/** Events are kept in a file for each minute, and such files for this long. */
const MINUTE_MS = 60_000;
const KEPT_MINUTES = 3;

/**
 * Carries events between processes that share a directory. Every process reads what all have written, itself included,
 * so that every instance sees one order.
 */
export class FileNotificationBus extends NotificationBus {
  readonly #listeners = new Map<string, BusListener>();
  readonly #offsets = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #publishing: Promise<void> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(private readonly directory: string) {
    super();
    mkdirSync(directory, { recursive: true });
  }

  /** One after the other: what is published first is written first. */
  override publish(event: BusEvent): Promise<void> {
    const line = `${JSON.stringify(event)}\n`;
    const written = this.#publishing.then(() => this.#write(line));
    this.#publishing = written.catch(() => {});
    return written;
  }

  override async subscribe(listener: BusListener): Promise<() => Promise<void>> {
    // Events published before are not for this listener; those that others have not received yet are.
    await this.#read();
    const key = randomUUID();
    this.#listeners.set(key, listener);
    this.#timer ??= setInterval(() => void this.#read().catch(() => {}), LOOK_MS).unref();
    return async () => void this.#listeners.delete(key);
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#listeners.clear();
    await this.#reading;
  }

  async #write(line: string): Promise<void> {
    if (this.#isClosed) return;
    const minute = Math.floor(Date.now() / MINUTE_MS);
    await appendFile(join(this.directory, `bus-${minute}`), line);
    const oldest = `bus-${minute - KEPT_MINUTES}`;
    for (const file of await this.#files())
      if (file < oldest) await rm(join(this.directory, file), { force: true });
  }

  #read(): Promise<void> {
    this.#reading = this.#reading.catch(() => {}).then(() => this.#readAll());
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    const files = await this.#files();
    const ends = new Map<string, number>();
    // The newest first: whatever was written before what is found there is found as well.
    for (const file of [...files].reverse()) {
      ends.set(file, (await ifThere(stat(join(this.directory, file))))?.size ?? 0);
    }
    for (const file of files) await this.#readFile(file, ends.get(file) ?? 0);
    for (const file of this.#offsets.keys()) if (!ends.has(file)) this.#offsets.delete(file);
  }

  async #readFile(file: string, end: number): Promise<void> {
    const offset = this.#offsets.get(file) ?? 0;
    const log = end > offset ? await ifThere(open(join(this.directory, file))) : undefined;
    if (!log) return;
    const { buffer } = await log.read(Buffer.alloc(end - offset), 0, end - offset, offset);
    await log.close();
    const complete = buffer.subarray(0, buffer.lastIndexOf('\n') + 1);
    this.#offsets.set(file, offset + complete.length);
    for (const line of complete.toString().split('\n').slice(0, -1)) this.#deliver(line);
  }

  #deliver(line: string): void {
    for (const listener of [...this.#listeners.values()]) {
      const event = JSON.parse(line) as BusEvent;
      void Promise.resolve()
        .then(() => listener(event))
        .catch(() => {});
    }
  }

  async #files(): Promise<string[]> {
    return (await readdir(this.directory)).filter((file) => file.startsWith('bus-')).sort();
  }
}
