import type { BusEvent, NotificationBus } from '../adapters/notification-bus.js';
import { SharedPlaces } from '../collections/shared-places.js';
import type { Call } from '../calls/call.js';
import { callerKey } from '../calls/caller-key.js';
import type { McpServer } from '../server/mcp.server.js';
import type { TaskAdapter } from '../adapters/task.adapter.js';
import {
  isChange,
  readFilter,
  Subscription,
  type SubscriptionFilter,
  type SubscriptionSink,
} from './subscription.js';
import { ownTasks, TaskWatch } from './task-watch.js';

/** Dependencies and limits of subscriptions. */
export interface SubscriptionsDeps {
  /** Name of the server, as events on the bus carry it. */
  readonly name: string;
  readonly server: McpServer;
  readonly bus: NotificationBus;
  readonly maxSubscriptions: number;
  readonly onError: (error: unknown) => void;
}

/** Open `subscriptions/listen` requests of one server, on any transport, and the changes that they hear of. */
export class Subscriptions {
  readonly #open: SharedPlaces<Subscription>;
  #unsubscribe: (() => Promise<void>) | undefined;

  constructor(private readonly deps: SubscriptionsDeps) {
    this.#open = new SharedPlaces(deps.maxSubscriptions, (subscription) => this.end(subscription));
  }

  get size(): number {
    return this.#open.size;
  }

  async start(): Promise<void> {
    this.#unsubscribe ??= await this.deps.bus.subscribe((event) => this.#receive(event));
  }

  /** Checks whether the caller is below its limit of open subscriptions. */
  hasRoom(call: Call): boolean {
    return this.#open.hasRoom(callerKey(call));
  }

  /**
   * Reads what a request wants to hear of: of the tasks, those that belong to the caller. Awaited only where it names some.
   * Throws an `McpError` for what is malformed.
   */
  filterOf(call: Call): SubscriptionFilter | Promise<SubscriptionFilter> {
    const filter = readFilter(call);
    const { taskIds, ...others } = filter;
    if (!taskIds) return filter;
    const { tasks } = this.deps.server.parts;
    if (!tasks) return others;
    return ownTasks(tasks, call, taskIds).then((own) => ({ ...others, taskIds: own }));
  }

  /** Acknowledges a request, and announces changes to `sink` from then on. To be called where there is room. */
  open(call: Call, filter: SubscriptionFilter, sink: SubscriptionSink): Subscription {
    const subscription = new Subscription(call, filter, sink);
    subscription.acknowledge();
    this.#open.take(callerKey(call), subscription);
    const { tasks } = this.deps.server.parts;
    if (tasks) subscription.watch((taskId) => this.#follow(tasks, taskId, subscription));
    return subscription;
  }

  /** Forgets a subscription whose client has gone. */
  leave(subscription: Subscription): void {
    subscription.close();
    this.#open.leave(subscription);
  }

  #follow(tasks: TaskAdapter, taskId: string, subscription: Subscription): TaskWatch {
    return new TaskWatch(taskId, {
      tasks,
      offer: (task) => subscription.offerTask(task),
      drained: () => subscription.drained,
      onError: this.deps.onError,
    });
  }

  /** Ends a subscription with the result of its request. */
  end(subscription: Subscription): void {
    subscription.end(subscription.call.era.complete({}, this.deps.server.parts.serverInfo));
  }

  /** Ends every subscription with the result of its request. */
  async close(): Promise<void> {
    for (const subscription of this.#open.items()) this.end(subscription);
    await this.#unsubscribe?.();
  }

  async #receive(event: BusEvent): Promise<void> {
    if (event.server !== this.deps.name || !isChange(event)) return;
    const concerned = [...this.#open.items()].filter((subscription) => subscription.concerns(event));
    // Side by side: what takes long to decide for one caller is not what others wait for.
    await Promise.all(
      concerned.map(async (subscription) => {
        if (event.type === 'resource_updated' && !(await this.#isReadable(event.uri, subscription))) return;
        subscription.announce(event);
      }),
    );
  }

  /** Checks whether the caller is authorized to read a resource, and so to be notified of it. */
  async #isReadable(uri: string, { call }: Subscription): Promise<boolean> {
    try {
      return await this.deps.server.isReadable(uri, call);
    } catch (error) {
      this.deps.onError(error);
      return false;
    }
  }
}
