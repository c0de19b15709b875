import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync, readdirSync } from 'node:fs';
import { constants, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ClientRequestAdapter, type PendingRequest } from '../../lib/adapters/client-request.adapter.js';
import { SessionAdapter, type SessionData, type SessionMeta } from '../../lib/adapters/session.adapter.js';
import type { EventId } from '../../lib/adapters/stream-event.js';
import type { RequestId } from '../../lib/protocol/json-rpc.js';

interface SessionFile extends SessionData {
  /** The file with the events. A session that replaces another has a new one. */
  readonly log: string;
}

interface LoggedLine {
  readonly id: EventId;
  readonly streamId: string;
  readonly message: unknown;
}

/**
 * Keeps sessions in a directory that any number of instances share. Just the seven methods, as somebody writes them who
 * wants it to work and nothing more: a file of facts, and a log to which every event is one line.
 */
export class FileSessionAdapter extends SessionAdapter {
  constructor(private readonly directory: string) {
    super();
    mkdirSync(directory, { recursive: true });
  }

  override generateSessionId(): string {
    return randomUUID();
  }

  override async create(id: string, meta: SessionMeta): Promise<SessionData> {
    const old = await this.#read(id);
    const session: SessionFile = { meta, log: `${randomUUID()}.log` };
    await writeFile(join(this.directory, session.log), '');
    await replaceFile(this.#file(id), JSON.stringify(session));
    if (old) await rm(join(this.directory, old.log), { force: true });
    return { meta: structuredClone(meta) };
  }

  override async has(id: string): Promise<boolean> {
    return (await this.#read(id)) !== undefined;
  }

  override async get(id: string): Promise<SessionData | undefined> {
    const session = await this.#read(id);
    return session && { meta: session.meta };
  }

  override async appendEvent(id: string, streamId: string, message: unknown): Promise<EventId | undefined> {
    const session = await this.#read(id);
    if (!session) return undefined;
    const line: LoggedLine = { id: randomUUID(), streamId, message };
    // Without O_CREAT: the log of a session that was deleted meanwhile does not come back.
    const log = await ifThere(
      open(join(this.directory, session.log), constants.O_WRONLY | constants.O_APPEND),
    );
    if (!log) return undefined;
    try {
      await log.write(`${JSON.stringify(line)}\n`);
    } finally {
      await log.close();
    }
    return line.id;
  }

  override async replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): Promise<boolean | void> {
    const session = await this.#read(id);
    const text = session && (await ifThere(readFile(join(this.directory, session.log), 'utf8')));
    if (text === undefined) return false;
    // The last piece is empty, or a line that is being written.
    const lines = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LoggedLine);
    const last = lines.findIndex((line) => line.id === lastEventId);
    if (last < 0) return false;
    for (const line of lines.slice(last + 1)) {
      if (line.streamId === lines[last]?.streamId) await write(line.id, line.message);
    }
    return true;
  }

  override async delete(id: string): Promise<void> {
    const session = await this.#read(id);
    await rm(this.#file(id), { force: true });
    if (session) await rm(join(this.directory, session.log), { force: true });
  }

  async #read(id: string): Promise<SessionFile | undefined> {
    const text = await ifThere(readFile(this.#file(id), 'utf8'));
    return text === undefined ? undefined : (JSON.parse(text) as SessionFile);
  }

  #file(id: string): string {
    return join(this.directory, `${nameOf(id)}.json`);
  }
}

type Answer = { readonly value: unknown } | { readonly reason: unknown };

const POLL_MS = 5;

/**
 * Keeps questions in a directory that any number of instances share. Just the three methods: a question is a file, who
 * manages to rename it answers, and who asked looks for the answer again and again.
 */
export class FileClientRequestAdapter extends ClientRequestAdapter {
  constructor(private readonly directory: string) {
    super();
    mkdirSync(directory, { recursive: true });
  }

  override createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    { timeoutMs }: { readonly timeoutMs: number },
  ): PendingRequest {
    const name = nameOf(JSON.stringify([sessionId ?? null, requestId]));
    const token = randomUUID();
    const older = readdirSync(this.directory).filter((file) => file.startsWith(`${name}.`));
    writeFileSync(join(this.directory, `${name}.${token}`), '');
    for (const file of older) this.#replace(file);
    return { promise: this.#wait(`${name}.${token}`, Date.now() + timeoutMs) };
  }

  override resolvePending(
    sessionId: string | undefined,
    requestId: RequestId,
    response: unknown,
  ): Promise<boolean> {
    return this.#answer(sessionId, requestId, { value: response });
  }

  override rejectPending(
    sessionId: string | undefined,
    requestId: RequestId,
    reason: unknown,
  ): Promise<boolean> {
    return this.#answer(sessionId, requestId, { reason: plainReason(reason) });
  }

  async #answer(sessionId: string | undefined, requestId: RequestId, answer: Answer): Promise<boolean> {
    const name = nameOf(JSON.stringify([sessionId ?? null, requestId]));
    for (const file of await readdir(this.directory)) {
      if (file.startsWith(`${name}.`) && (await this.#claim(file))) {
        await replaceFile(this.#answerFile(file), JSON.stringify(answer));
        return true;
      }
    }
    return false;
  }

  async #wait(file: string, deadline: number): Promise<unknown> {
    for (;;) {
      const text = await ifThere(readFile(this.#answerFile(file), 'utf8'));
      if (text !== undefined) {
        await rm(this.#answerFile(file));
        const answer = JSON.parse(text) as Answer;
        if ('reason' in answer) throw answer.reason;
        return answer.value;
      }
      // A question that somebody else has claimed is being answered just now, unless that instance has died.
      const lateMs = Date.now() - deadline;
      if (lateMs >= 0 && ((await this.#claim(file)) || lateMs > 1_000)) throw new Error('No answer in time');
      await delay(POLL_MS);
    }
  }

  /** Takes the question away, which succeeds once. */
  async #claim(file: string): Promise<boolean> {
    const claimed = join(this.directory, `claimed-${randomUUID()}`);
    const isMine = await ifThere(rename(join(this.directory, file), claimed).then(() => true));
    if (isMine) await rm(claimed);
    return isMine ?? false;
  }

  #replace(file: string): void {
    const claimed = join(this.directory, `answer-${file}`);
    const reason = { message: 'The same was asked again' };
    try {
      renameSync(join(this.directory, file), `${claimed}.new`);
    } catch {
      return;
    }
    writeFileSync(`${claimed}.new`, JSON.stringify({ reason }));
    renameSync(`${claimed}.new`, claimed);
  }

  #answerFile(file: string): string {
    return join(this.directory, `answer-${file}`);
  }
}

/** An error is not JSON: only its message travels. */
function plainReason(reason: unknown): unknown {
  const { stack, message } = (reason ?? {}) as { stack?: unknown; message?: unknown };
  if (stack !== undefined) return { message };
  return reason ?? null;
}

/** A file name of any text, of bounded length. */
function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}

/** Writes a file so that a reader sees all of it or none. */
async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}.new`;
  await writeFile(fresh, text);
  await rename(fresh, file);
}

/** `undefined` instead of an error if the file is not there. */
async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
