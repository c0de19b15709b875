import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SessionAdapter } from 'nestjs-mcp-adapters';
import type { EventId, SessionData, SessionMeta } from 'nestjs-mcp-adapters/adapters';
import { ifThere } from './disk.js';
import { parseLines, SessionFiles } from './session-files.js';

/** Keeps sessions in a directory that any number of processes share: the seven methods that have to be there. */
export class FileSessionAdapter extends SessionAdapter {
  protected readonly files: SessionFiles;

  constructor(directory: string) {
    super();
    this.files = new SessionFiles(directory);
  }

  override generateSessionId(): string {
    return randomUUID();
  }

  override async create(id: string, meta: SessionMeta): Promise<SessionData> {
    await this.files.write(id, meta);
    return { meta: structuredClone(meta) };
  }

  override async has(id: string): Promise<boolean> {
    return (await this.files.read(id)) !== undefined;
  }

  override async get(id: string): Promise<SessionData | undefined> {
    const session = await this.files.read(id);
    return session && { meta: session.meta };
  }

  override async appendEvent(id: string, streamId: string, message: unknown): Promise<EventId | undefined> {
    const session = await this.files.read(id);
    const eventId = randomUUID();
    const isThere = session && (await this.files.append(session, { id: eventId, streamId, message }));
    return isThere ? eventId : undefined;
  }

  override async replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): Promise<boolean | void> {
    const session = await this.files.read(id);
    const text = session && (await ifThere(readFile(this.files.path(session.log), 'utf8')));
    const lines = parseLines(text ?? '');
    const last = lines.findIndex((line) => line.id === lastEventId);
    if (last < 0) return false;
    for (const line of lines.slice(last + 1)) {
      if (line.streamId === lines[last]?.streamId) await write(line.id, line.message);
    }
    return true;
  }

  override async delete(id: string): Promise<void> {
    await this.files.remove(id);
  }
}
