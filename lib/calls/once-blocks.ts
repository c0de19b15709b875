import { AsyncLocalStorage } from 'node:async_hooks';
import { HttpException } from '@nestjs/common';
import { isNativeError } from 'node:util/types';
import { McpError } from '../protocol/mcp.error.js';
import { isHttpException } from './failure.js';

/** Thrown value of a block, as JSON. */
type Thrown =
  | { readonly code: number; readonly message: string; readonly data?: unknown }
  | { readonly status: number; readonly response: string | object }
  | { readonly name: string; readonly message: string }
  | { readonly value?: unknown };

/** Result of a block that has ended. Without either member, it returned `undefined`, which JSON does not have. */
export type OnceResult = { readonly value?: unknown; readonly thrown?: Thrown };

/** Results of `ctx.once()`, by key. */
export type OnceResults = Readonly<Record<string, OnceResult>>;

/** State of a block: begun, or come to its end. */
export interface OnceBlock {
  /** True if it may be retried although it was begun. */
  readonly mayRetry: boolean;
  readonly result?: OnceResult;
}

/** Record of blocks that outlives their process. */
export interface OnceJournal {
  /** Resolves when it is written that a block begins. What it throws keeps the block from running. */
  begin(key: string, mayRetry: boolean): Promise<void>;
  /** Resolves when the result of a block is written. */
  end(key: string, block: Required<OnceBlock>): Promise<void>;
}

/** Keys of the blocks that the running code is inside of. */
const inside = new AsyncLocalStorage<{ readonly blocks: OnceBlocks; readonly keys: readonly string[] }>();

/** The `ctx.once()` blocks of one run of a handler; what they return and throw is what JSON makes of it. */
export class OnceBlocks {
  readonly #blocks = new Map<string, Promise<unknown>>();
  readonly #results: Map<string, OnceResult>;
  readonly #running = new Set<Promise<unknown>>();
  /** Running blocks, by key; `true` for those that may be retried. */
  readonly #open = new Map<string, boolean>();
  #journal: Promise<OnceJournal | undefined> | undefined;
  #isClosed = false;

  /** With the results of an earlier run. */
  constructor(results: OnceResults = {}) {
    this.#results = new Map(Object.entries(results));
  }

  get results(): OnceResults {
    return Object.fromEntries(this.#results);
  }

  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** True if the calling code runs inside a block. */
  get isInside(): boolean {
    return inside.getStore()?.blocks === this;
  }

  /** Resolves when every block that runs now has come to its end. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /** No block is begun any more: what still waits for one waits for ever. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Has every block that begins or ends from now on written down. Blocks wait for the journal to be there; `undefined`
   * leaves things as they were.
   *
   * @returns the blocks so far, which are not written again
   */
  record(journal: Promise<OnceJournal | undefined>): Readonly<Record<string, OnceBlock>> {
    this.#journal = journal;
    const open = [...this.#open].map(([key, mayRetry]) => [key, { mayRetry }] as const);
    const done = [...this.#results].map(([key, result]) => [key, { mayRetry: false, result }] as const);
    return Object.fromEntries<OnceBlock>([...open, ...done]);
  }

  run<T>(key: string, work: () => T | Promise<T>, mayRetry = false): Promise<T> {
    const outer = inside.getStore();
    const keys = outer?.blocks === this ? outer.keys : [];
    if (keys.includes(key)) return Promise.reject(new TypeError(`ctx.once("${key}") waits for itself`));
    let block = this.#blocks.get(key);
    if (!block) {
      block = this.#begin(key, () => inside.run({ blocks: this, keys: [...keys, key] }, work), mayRetry);
      this.#blocks.set(key, block);
    }
    return block as Promise<T>;
  }

  #begin(key: string, work: () => unknown, mayRetry: boolean): Promise<unknown> {
    // A copy: changes by the handler must not reach a later run.
    const known = structuredClone(this.#results.get(key));
    if (known) return known.thrown ? Promise.reject(toError(known.thrown)) : Promise.resolve(known.value);
    if (this.#isClosed) return new Promise(() => {});
    const block = this.#run(key, work, mayRetry).finally(() => this.#running.delete(block));
    this.#running.add(block);
    return block;
  }

  async #run(key: string, work: () => unknown, mayRetry: boolean): Promise<unknown> {
    if (this.#journal) await (await this.#journal)?.begin(key, mayRetry);
    this.#open.set(key, mayRetry);
    const [outcome] = await Promise.allSettled([Promise.resolve().then(work).then(toJson)]);
    const isDone = outcome.status === 'fulfilled';
    const result = isDone ? { value: outcome.value } : { thrown: toThrown(outcome.reason) };
    this.#open.delete(key);
    this.#results.set(key, result);
    await (await this.#journal)?.end(key, { mayRetry, result });
    if (isDone) return structuredClone(outcome.value);
    throw outcome.reason;
  }
}

function toJson(value: unknown): unknown {
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? undefined : (JSON.parse(json) as unknown);
}

/** As JSON; of what JSON cannot hold no more than the message. */
function toThrown(error: unknown): Thrown {
  try {
    return toJson(describe(error)) as Thrown;
  } catch {
    return isNativeError(error) ? { name: error.name, message: error.message } : {};
  }
}

function describe(error: unknown): Thrown {
  if (error instanceof McpError) return error.toJSON();
  if (isHttpException(error)) {
    return { status: error.getStatus(), response: error.getResponse() as string | object };
  }
  return isNativeError(error) ? { name: error.name, message: error.message } : { value: error };
}

function toError(thrown: Thrown): Error {
  if ('code' in thrown) return new McpError(thrown.code, thrown.message, thrown.data);
  if ('status' in thrown) return new HttpException(thrown.response, thrown.status);
  if ('message' in thrown) return Object.assign(new Error(thrown.message), { name: thrown.name });
  return thrown.value as Error;
}
