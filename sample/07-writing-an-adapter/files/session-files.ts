import { randomUUID } from 'node:crypto';
import { constants, mkdirSync } from 'node:fs';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventId, SessionMeta } from 'nestjs-mcp-adapters/adapters';
import { ifThere, nameOf, replaceFile } from './disk.js';

/** Content of the file of a session. */
export interface StoredSession {
  readonly meta: SessionMeta;
  /** The file with the events. A session that takes the place of another has a new one. */
  readonly log: string;
}

/** One line of a log. */
export interface LoggedLine {
  readonly id: EventId;
  readonly streamId: string;
  readonly message: unknown;
}

/** The files of sessions: one with the facts, replaced as a whole, and one with the events, to which lines are added. */
export class SessionFiles {
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  async read(id: string): Promise<StoredSession | undefined> {
    const text = await ifThere(readFile(this.#facts(id), 'utf8'));
    return text === undefined ? undefined : (JSON.parse(text) as StoredSession);
  }

  async write(id: string, meta: SessionMeta): Promise<void> {
    const old = await this.read(id);
    const session: StoredSession = { meta, log: `${randomUUID()}.log` };
    await writeFile(this.path(session.log), '');
    await replaceFile(this.#facts(id), JSON.stringify(session));
    if (old) await this.#removeLog(old);
  }

  async remove(id: string): Promise<void> {
    const session = await this.read(id);
    await rm(this.#facts(id), { force: true });
    if (session) await this.#removeLog(session);
  }

  /** Adds a line. @returns whether the log was there */
  async append({ log }: StoredSession, line: LoggedLine): Promise<boolean> {
    // Without O_CREAT: the log of a session that was deleted meanwhile does not come back.
    const file = await ifThere(open(this.path(log), constants.O_WRONLY | constants.O_APPEND));
    if (!file) return false;
    try {
      // One write to the end of the file: lines of several processes do not mix.
      await file.write(`${JSON.stringify(line)}\n`);
    } finally {
      await file.close();
    }
    return true;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  #facts(id: string): string {
    return this.path(`${nameOf(id)}.json`);
  }

  async #removeLog({ log }: StoredSession): Promise<void> {
    await rm(this.path(log), { force: true });
    await rm(this.path(`${log}.state`), { recursive: true, force: true });
  }
}

/** The lines of a text. What follows the last line break is a line that is being written. */
export function parseLines(text: string): LoggedLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LoggedLine);
}
