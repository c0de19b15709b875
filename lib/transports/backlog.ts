import type { JsonRpcNotification, JsonRpcRequest } from '../protocol/json-rpc.js';

/** Longest time for more than the limit to wait: all that a handler says in one turn waits, however quick its reader is. */
const GRACE_MS = 1000;

/** Multiple of the limit that may wait for that long. */
const MAX_BURST = 8;

/** Messages that a client can do without. */
const DROPPABLE: ReadonlySet<string> = new Set(['notifications/progress', 'notifications/message']);

export function isDroppable({ method }: JsonRpcNotification | JsonRpcRequest): boolean {
  return DROPPABLE.has(method);
}

/** Counts what waits for a reader, and tells when there is no room for what can be done without. */
export class Backlog {
  #length = 0;
  /** Since when more than the limit waits. */
  #exceededAt: number | undefined;

  constructor(private readonly limit: number) {}

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    if (this.#exceededAt === undefined) return false;
    return this.#length > this.limit * MAX_BURST || performance.now() - this.#exceededAt > GRACE_MS;
  }

  add(length: number): void {
    this.#length += length;
    if (this.#length > this.limit) this.#exceededAt ??= performance.now();
  }

  remove(length: number): void {
    this.#length -= length;
    if (this.#length <= this.limit) this.#exceededAt = undefined;
  }
}
