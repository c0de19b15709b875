import { AdapterUnavailableError } from '../adapter-unavailable.error.js';
import { isFinal } from '../../protocol/types/tasks.js';
import type { Store, StoreFields, StoreKey } from '../store.js';
import { TaskAdapter, type OrphanedTasks, type StoredTask, type TaskData } from '../task.adapter.js';
import { InstanceInbox } from './instance-inbox.js';
import { OwnedLists } from './owned-lists.js';
import { Quota } from './quota.js';
import { StoreKeys } from './store-keys.js';
import { decodeValue, encodeValue } from './stored-value.js';

/** How long after an outage an instance has to come back. */
const COMEBACK_MS = 5_000;

/** Field of tasks that have ended, which costs less to read than the task. */
const ENDED = 'ended';

/** Time between two renewals of lists, which are kept for days. */
const RENEW_MS = 60 * 60_000;

/**
 * Where tasks are kept, and when their instance is taken for dead.
 *
 * @publicApi
 */
export interface StoreTaskAdapterOptions {
  /** Name of the server: tasks of another one on the same store are unknown. @default '' */
  readonly server?: string;
  /**
   * Milliseconds without a sign of life after which the tasks of an instance are taken over. Signs are given each second.
   * @default 10000
   */
  readonly leaseMs?: number;
}

/**
 * Keeps tasks in a `Store`: a record each, and lists of what each instance owns. The record of an instance's inbox is its
 * lease. A list is written before the task that it names.
 *
 * @publicApi
 */
export class StoreTaskAdapter extends TaskAdapter {
  override readonly isShared: boolean;
  override readonly leaseMs: number;
  readonly #keys: StoreKeys;
  readonly #inbox: InstanceInbox;
  readonly #lists: OwnedLists;
  readonly #quota: Quota;
  #renewal: NodeJS.Timeout | undefined;
  #opening: Promise<void> | undefined;
  readonly #stops = new Set<() => void>();
  #isClosed = false;

  /** Uses a store that the caller closes. */
  constructor(
    private readonly store: Store,
    { server = '', leaseMs = 10_000 }: StoreTaskAdapterOptions = {},
  ) {
    super();
    if (!(leaseMs >= 3_000 && leaseMs <= 60_000)) {
      throw new RangeError(`StoreTaskAdapter: leaseMs must be from 3000 to 60000, not ${leaseMs}`);
    }
    this.isShared = store.isShared;
    this.leaseMs = leaseMs;
    this.#keys = new StoreKeys(server);
    this.#inbox = new InstanceInbox(store, this.#keys);
    this.#lists = new OwnedLists(store, this.#keys, this.#inbox.instance);
    this.#quota = new Quota(store);
  }

  override get silentForMs(): number {
    return performance.now() - this.#inbox.renewedAt;
  }

  override open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  override async create(taskId: string, data: TaskData): Promise<string> {
    await this.open();
    const begunAt = performance.now();
    await this.#lists.add(taskId, data.isRestartable ? 'r' : 'n');
    const key = this.#keys.task(taskId);
    const version = await this.store.write(key, toFields(data), { ttlMs: data.ttlMs });
    // An instance that may have been taken for dead meanwhile looks whether an heir has its list, and found no task.
    const isDoubtful = Math.max(performance.now() - begunAt, this.silentForMs) > this.leaseMs / 2;
    if (isDoubtful && !(await this.#lists.owns(taskId))) {
      await this.store.remove(key);
      throw new AdapterUnavailableError('This instance was out of reach for too long to begin a task');
    }
    return version as string;
  }

  override async get(taskId: string): Promise<StoredTask | undefined> {
    const record = await this.store.read(this.#keys.task(taskId));
    if (!record) return undefined;
    const { version, remainingMs } = record;
    return { data: decodeValue(record.fields['task'] as string) as TaskData, version, remainingMs };
  }

  override async change(taskId: string, version: string, data: TaskData): Promise<string | undefined> {
    const key = this.#keys.task(taskId);
    const record = await this.store.read(key, []);
    if (record?.version !== version) return undefined;
    const ttlMs = Math.max(Math.floor(record.remainingMs), 1);
    return this.store.write(key, toFields(data), { ttlMs, ifVersion: version });
  }

  override async watch(taskId: string, listener: () => void): Promise<() => void> {
    const unlisten = await this.store.listen(this.#keys.task(taskId), listener);
    // Bells may be lost.
    const backstop = setInterval(listener, this.store.backstopMs).unref();
    const stop = () => {
      this.#stops.delete(stop);
      clearInterval(backstop);
      unlisten();
    };
    this.#stops.add(stop);
    return stop;
  }

  override owns(taskId: string): Promise<boolean> {
    return this.#lists.owns(taskId);
  }

  override release(taskId: string): Promise<void> {
    return this.#lists.remove(taskId);
  }

  override handOver(): Promise<void> {
    return this.#lists.giveUp('r');
  }

  override async claimOrphans(): Promise<OrphanedTasks | undefined> {
    await this.open();
    const taskIds = await this.#lists.claim((instance) => this.#isGone(instance));
    return taskIds && { taskIds };
  }

  override async count(owner: string, taskId: string, ttlMs: number, max: number): Promise<boolean> {
    const key = this.#keys.tasksOf(owner);
    if (await this.#quota.enter(key, taskId, ttlMs, max)) return true;
    return (await this.#forgetEnded(key)) && this.#quota.enter(key, taskId, ttlMs, max);
  }

  override ping(): Promise<void> {
    return this.store.ping();
  }

  override async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#renewal);
    for (const stop of [...this.#stops]) stop();
    await this.#opening?.catch(() => {});
    await this.#inbox.close();
  }

  /**
   * Tasks stay counted after their end, which may come from anywhere, until there is no room. What is not there may be about
   * to be created. @returns whether there is room again
   */
  async #forgetEnded(key: StoreKey): Promise<boolean> {
    const { fields = {} } = (await this.store.read(key)) ?? {};
    const ended = await Promise.all(
      Object.keys(fields).map(async (taskId) => {
        const record = await this.store.read(this.#keys.task(taskId), [ENDED]);
        return record && ENDED in record.fields ? [[taskId, null] as const] : [];
      }),
    );
    const removed = Object.fromEntries(ended.flat());
    if (Object.keys(removed).length === 0) return false;
    await this.store.assign(key, removed);
    return true;
  }

  async #open(): Promise<void> {
    await this.#inbox.use();
    this.#renewal = setInterval(() => void this.#lists.renew().catch(() => {}), RENEW_MS).unref();
  }

  /** Not judged by its lease while it may not have had the time to renew it. */
  async #isGone(instance: string): Promise<boolean> {
    if (this.store.steadyForMs < COMEBACK_MS) return false;
    return (await this.#inbox.renewedMsAgo(instance)) >= this.leaseMs;
  }
}

function toFields(data: TaskData): StoreFields {
  return { task: encodeValue(data), ...(isFinal(data.status) && { [ENDED]: '' }) };
}
