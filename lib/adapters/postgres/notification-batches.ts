import type { Bell, LogPosition } from '../store.js';

/** Longest bell that carries its entry, and longest text of one notification, in bytes. Postgres takes up to 7999. */
const MAX_BELL_BYTES = 2_048;
const MAX_BATCH_BYTES = 7_900;

/** Bells that wait. What comes beyond is left to those who look without being told. */
const MAX_WAITING = 4_096;

/** A bell on its way: the name of its key and what it says. */
type Message =
  | readonly [key: string, bell: 'appended' | 'changed' | 'stale']
  | readonly [key: string, position: LogPosition, previous: LogPosition | null, tag: string, body: string];

/** Bells as texts of notifications: as many as fit into one, after the name of the instance that rings. */
export class NotificationBatches {
  /** As texts: bells that say the same are one. */
  #waiting = new Set<string>();

  constructor(private readonly instance: string) {}

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  add(key: string, bell: Bell): void {
    if (this.#waiting.size < MAX_WAITING) this.#waiting.add(encode(key, bell));
  }

  /** Everything that waits. */
  take(): readonly string[] {
    const batches: string[] = [];
    let batch = JSON.stringify(this.instance);
    const empty = batch;
    for (const message of this.#waiting) {
      if (Buffer.byteLength(batch) + Buffer.byteLength(message) > MAX_BATCH_BYTES) {
        batches.push(`[${batch}]`);
        batch = empty;
      }
      batch += `,${message}`;
    }
    this.#waiting = new Set();
    return [...batches, `[${batch}]`];
  }
}

/** Reads a notification: the instance that sent it, and the bells in it. */
export function parseBatch(text: string): {
  readonly instance: string;
  readonly bells: readonly (readonly [key: string, bell: Bell])[];
} {
  const [instance, ...messages] = JSON.parse(text) as [string, ...Message[]];
  const bells = messages.map((message) => {
    if (message.length === 2) return message;
    const [key, position, previous, tag, body] = message;
    return [key, { position, previous: previous ?? undefined, tag, body }] as const;
  });
  return { instance, bells };
}

function encode(key: string, bell: Bell): string {
  if (typeof bell === 'string') return JSON.stringify([key, bell] satisfies Message);
  const { position, previous, tag, body } = bell;
  // Encoding makes nothing shorter.
  if (body.length <= MAX_BELL_BYTES) {
    const message = JSON.stringify([key, position, previous ?? null, tag, body] satisfies Message);
    if (Buffer.byteLength(message) <= MAX_BELL_BYTES) return message;
  }
  return JSON.stringify([key, 'appended'] satisfies Message);
}
