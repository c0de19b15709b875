import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EventsLostError } from 'nestjs-mcp-adapters';
import type { EventId, SessionState, StreamEvent } from 'nestjs-mcp-adapters/adapters';
import { ifThere, nameOf, replaceFile } from './disk.js';
import { FileSessionAdapter } from './file-session.adapter.js';
import { LogReader } from './log-reader.js';

/** The same with capabilities that an adapter may have: what the base class does without them is correct, but slower. */
export class LiveFileSessionAdapter extends FileSessionAdapter {
  /** Reads only what is new, as soon as it is there. Without it every stream is replayed again and again. */
  override async *subscribe(
    id: string,
    afterEventId: EventId,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    const session = await this.files.read(id);
    if (!session) return;
    const reader = new LogReader(this.files.path(session.log));
    try {
      let streamId: string | undefined;
      while (!signal.aborted) {
        const lines = await reader.read();
        // Removed with its session.
        if (!lines) return;
        for (const line of lines) {
          if (streamId === undefined && line.id === afterEventId) streamId = line.streamId;
          else if (line.streamId === streamId && !signal.aborted)
            yield { id: line.id, message: line.message };
        }
        if (streamId === undefined) throw new EventsLostError(`The session has no event ${afterEventId}`);
        if (lines.length === 0) await reader.changed(signal);
      }
    } finally {
      reader.close();
    }
  }

  /** One file for each key, so that two processes that write different keys do not undo one another's. */
  override async writeState(id: string, key: string, value: unknown): Promise<void> {
    const session = await this.files.read(id);
    if (!session) return;
    const directory = this.files.path(`${session.log}.state`);
    const file = join(directory, nameOf(key));
    if (value === undefined) return rm(file, { force: true });
    await mkdir(directory, { recursive: true });
    await ifThere(replaceFile(file, JSON.stringify({ key, value })));
    // Removed with its session, which did not know of a directory that came later.
    if ((await this.files.read(id))?.log !== session.log)
      await rm(directory, { recursive: true, force: true });
  }

  override async readState(id: string): Promise<SessionState> {
    const session = await this.files.read(id);
    const directory = this.files.path(`${session?.log}.state`);
    const names = (await ifThere(readdir(directory))) ?? [];
    const complete = names.filter((name) => !name.endsWith('.new'));
    const texts = await Promise.all(complete.map((name) => ifThere(readFile(join(directory, name), 'utf8'))));
    const entries = texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as StoredValue]));
    return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
  }

  /** Distinguishes dead processes from slow ones, so that no caller waits for a call that is lost. */
  override async keepInstanceAlive(instance: string, ttlMs: number): Promise<void> {
    await replaceFile(this.#lease(instance), String(Date.now() + ttlMs));
  }

  override async isInstanceAlive(instance: string): Promise<boolean> {
    const expiresAt = await ifThere(readFile(this.#lease(instance), 'utf8'));
    const isAlive = Number(expiresAt ?? 0) > Date.now();
    if (!isAlive) await rm(this.#lease(instance), { force: true });
    return isAlive;
  }

  #lease(instance: string): string {
    return this.files.path(`instance-${nameOf(instance)}`);
  }
}

interface StoredValue {
  readonly key: string;
  readonly value: unknown;
}
