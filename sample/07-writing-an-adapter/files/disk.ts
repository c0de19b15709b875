import { createHash, randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';

/** A file name for any text: ids come from clients, and are not to lead out of the directory. */
export function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}

/** Writes a file so that a reader sees all of it or none. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}.new`;
  await writeFile(fresh, text);
  await rename(fresh, file);
}

/** `undefined` instead of an error if the file is not there. */
export async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
