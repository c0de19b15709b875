import { createPoster, modern } from '../support/http.js';
import { until } from '../support/until.js';
import type { Bed, Instance } from './bed/bed.js';
import type { Note } from './fixture/notebook.js';

export { until };

export const LEGACY_VERSIONS = ['2025-03-26', '2025-06-18', '2025-11-25'] as const;

export const isResult = (message: any) => 'result' in message;
export const isResponse = (message: any) => 'result' in message || 'error' in message;
export const isQuestion = (message: any) => 'method' in message && 'id' in message;

/** How often tools that were given this key have run. */
export function runsOf({ notebook }: Bed, key: string): number {
  return notebook.runs(key);
}

export function notesOf({ notebook }: Bed, key: string): Note[] {
  return notebook.notes(key);
}

/** The first note of that key, waiting for it if need be. */
export async function noteOf(bed: Bed, key: string): Promise<Note> {
  await until(() => notesOf(bed, key).length > 0, `a note of ${key}`);
  return notesOf(bed, key)[0] as Note;
}

/** Calls a tool of one instance as a client of no session, past the proxy. */
export async function command(instance: Instance, name: string, args: object = {}): Promise<string> {
  const [body, headers] = modern('tools/call', { name, arguments: args });
  const { json, status, text } = await createPoster(instance.url)(body, headers);
  if (!json?.result || json.result.isError) throw new Error(`${name}: ${status} ${text}`);
  return textOf(json);
}

export async function statsOf(instance: Instance): Promise<Record<string, number>> {
  return JSON.parse(await command(instance, 'stats')) as Record<string, number>;
}

/** Starts those again that a test has ended. */
export async function revive(bed: Bed | undefined): Promise<void> {
  const dead = (bed?.instances ?? []).filter(({ isRunning }) => !isRunning);
  await Promise.all(dead.map((instance) => instance.start()));
}

/** A name of a test's own. */
export function fresh(what: string): string {
  return `${what}-${++names}`;
}
let names = 0;

/** The numbers of the progress and of the log messages that a stream has brought, in order. */
export function numbersOf({ messages }: { readonly messages: any[] }): number[] {
  return messages
    .map(({ params }) => params?.progress ?? params?.data?.number)
    .filter((number) => number !== undefined);
}

/** The text a tool answered with. */
export function textOf({ result }: any): string {
  return result.content.map(({ text }: { text?: string }) => text ?? '').join('');
}
