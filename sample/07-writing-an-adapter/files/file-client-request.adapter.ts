import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ClientRequestAdapter } from 'nestjs-mcp-adapters';
import type { PendingRequest } from 'nestjs-mcp-adapters/adapters';
import { ifThere, nameOf, replaceFile } from './disk.js';

/** Of a JSON-RPC request. */
type RequestId = string | number;

type Answer = { readonly value: unknown } | { readonly reason: unknown };

/** Between two looks for the answer. */
const LOOK_MS = 20;

/**
 * Keeps questions in a directory that any number of processes share: the three methods that have to be there. A question
 * is a file, who manages to rename it answers, and who asked looks for the answer again and again.
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
      // A question that another instance has claimed is being answered just now, unless that instance has died.
      const lateMs = Date.now() - deadline;
      if (lateMs >= 0 && ((await this.#claim(file)) || lateMs > 1_000)) throw new Error('No answer in time');
      await delay(LOOK_MS);
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
