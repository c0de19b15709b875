import { watch, type FSWatcher } from 'node:fs';
import { open } from 'node:fs/promises';
import { ifThere } from './disk.js';
import { parseLines, type LoggedLine } from './session-files.js';

/** Not every disk says when a file changes: looked at this often all the same. */
const LOOK_MS = 500;

/** Reads a log from its beginning, and then what is added to it. */
export class LogReader {
  #offset = 0;
  #watcher: FSWatcher | undefined;
  #hasChanged = false;
  #wake: (() => void) | undefined;

  constructor(private readonly file: string) {}

  /** The lines that were added since the last call; `undefined` if the log is not there any more. */
  async read(): Promise<LoggedLine[] | undefined> {
    this.#hasChanged = false;
    this.#watch();
    const log = await ifThere(open(this.file));
    if (!log) return undefined;
    try {
      const { size } = await log.stat();
      const bytes = Buffer.alloc(size - this.#offset);
      const { bytesRead } = await log.read(bytes, 0, bytes.length, this.#offset);
      const complete = bytes.subarray(0, bytes.subarray(0, bytesRead).lastIndexOf('\n') + 1);
      this.#offset += complete.length;
      return parseLines(complete.toString());
    } finally {
      await log.close();
    }
  }

  /** Resolves when there may be something to read, or the signal is aborted. */
  async changed(signal: AbortSignal): Promise<void> {
    if (this.#hasChanged || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, LOOK_MS);
      signal.addEventListener('abort', done);
      this.#wake = done;
    });
  }

  close(): void {
    this.#watcher?.close();
  }

  /** Before it is read, so that nothing is added unnoticed between reading and waiting. */
  #watch(): void {
    if (this.#watcher) return;
    try {
      this.#watcher = watch(this.file, () => {
        this.#hasChanged = true;
        this.#wake?.();
      });
      this.#watcher.on('error', () => {});
    } catch {
      // Gone, or a disk that cannot be watched: then reading tells, or the next look.
    }
  }
}
