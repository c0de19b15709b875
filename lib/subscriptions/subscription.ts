import type { BusEvent } from '../adapters/notification-bus.js';
import { isObject, notification, resultResponse } from '../protocol/json-rpc.js';
import { invalidParams } from '../protocol/mcp.error.js';
import { MAX_URI_LENGTH, normalUri } from '../protocol/normal-uri.js';
import { MetaKey } from '../protocol/request-meta.js';
import { McpMissingCapabilityError } from '../protocol/missing-capability.error.js';
import { supportsTasks, TASKS_CAPABILITY, TaskMethod, type DetailedTask } from '../protocol/types/tasks.js';
import type { Call } from '../calls/call.js';
import type { TaskWatch } from './task-watch.js';

/** Way of a subscription's messages to its client: a stream of an HTTP response, or the one stream of a process. */
export interface SubscriptionSink {
  /** Sends a message, however slow its reader is. */
  send(text: string): Promise<void> | void;
  /** Sends a message unless too much waits already. @returns whether it did */
  offer(text: string): boolean;
  /** Resolves when there is room again, or the reader has gone; `undefined` when there is now. */
  readonly drained: Promise<void> | undefined;
  /** Ends the subscription behind all that was sent. */
  end(): void;
}

/** Changes that a client wants to hear of. */
export interface SubscriptionFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  readonly resourceSubscriptions?: readonly string[];
  /** Of clients that know tasks. */
  readonly taskIds?: readonly string[];
}

/** Events that subscriptions are about. */
export type ChangeEvent = Extract<BusEvent, { readonly type: 'list_changed' | 'resource_updated' }>;

export function isChange(event: BusEvent): event is ChangeEvent {
  return event.type === 'list_changed' || event.type === 'resource_updated';
}

const LISTS = ['tools', 'prompts', 'resources'] as const;

/** Resources one subscription may watch, and tasks. */
const MAX_RESOURCES = 1000;
const MAX_TASKS = 1000;

/**
 * Reads the filter of `subscriptions/listen`. Throws `-32602` for a malformed one, `-32021` for tasks of a client that does
 * not say that it knows them.
 */
export function readFilter({ request, clientCapabilities }: Call): SubscriptionFilter {
  const given = request.params?.['notifications'];
  if (!isObject(given)) throw invalidParams('notifications must be an object');
  const { taskIds } = given;
  if (taskIds === undefined) return readChanges(given);
  if (!supportsTasks(clientCapabilities)) throw new McpMissingCapabilityError(TASKS_CAPABILITY);
  if (!Array.isArray(taskIds) || !taskIds.every((id) => typeof id === 'string'))
    throw invalidParams('notifications.taskIds must be a list of ids');
  if (taskIds.length > MAX_TASKS) throw invalidParams(`A subscription may watch ${MAX_TASKS} tasks at most`);
  return { ...readChanges(given), taskIds };
}

function readChanges(given: Readonly<Record<string, unknown>>): SubscriptionFilter {
  const filter: Record<string, unknown> = {};
  for (const list of LISTS) {
    const wanted = given[`${list}ListChanged`];
    if (wanted !== undefined && typeof wanted !== 'boolean') {
      throw invalidParams(`notifications.${list}ListChanged must be a boolean`);
    }
    if (wanted) filter[`${list}ListChanged`] = true;
  }
  const uris = given['resourceSubscriptions'];
  if (uris === undefined) return filter;
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string' && uri.length <= MAX_URI_LENGTH)) {
    throw invalidParams('notifications.resourceSubscriptions must be a list of URIs');
  }
  if (uris.length > MAX_RESOURCES)
    throw invalidParams(`A subscription may watch ${MAX_RESOURCES} resources at most`);
  return { ...filter, resourceSubscriptions: uris as string[] };
}

/**
 * One open `subscriptions/listen` request. Tags every message with its own id.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export class Subscription {
  /** URIs as the client wrote them, by their normal form. */
  readonly #watched = new Map<string, Set<string>>();
  /** Messages there was no room for: no more of them than the client watches. */
  readonly #waiting = new Set<string>();
  #watches: readonly TaskWatch[] = [];

  constructor(
    readonly call: Call,
    private readonly filter: SubscriptionFilter,
    private readonly sink: SubscriptionSink,
  ) {
    for (const uri of filter.resourceSubscriptions ?? []) {
      const key = normalUri(uri);
      this.#watched.set(key, (this.#watched.get(key) ?? new Set()).add(uri));
    }
  }

  acknowledge(): void {
    void this.sink.send(
      this.#message('notifications/subscriptions/acknowledged', { notifications: this.filter }),
    );
  }

  /** Follows tasks until the subscription ends. */
  watch(follow: (taskId: string, subscription: this) => TaskWatch): void {
    this.#watches = (this.filter.taskIds ?? []).map((taskId) => follow(taskId, this));
  }

  /** Sends the state of a task, if there is room. */
  offerTask(task: DetailedTask): boolean {
    return this.sink.offer(this.#message(TaskMethod.Notification, task));
  }

  get drained(): Promise<void> | undefined {
    return this.sink.drained;
  }

  /** Releases the task watches; called when the subscription has ended. */
  close(): void {
    for (const watch of this.#watches) watch.stop();
  }

  /** Checks whether the filter of the client matches an event. */
  concerns(event: ChangeEvent): boolean {
    if (event.type === 'list_changed') return this.filter[`${event.list}ListChanged`] === true;
    return this.#watched.has(normalUri(event.uri));
  }

  /** Sends an event; what there is no room for is sent once, when there is. */
  announce(event: ChangeEvent): void {
    if (event.type === 'list_changed') {
      return this.#offer(this.#message(`notifications/${event.list}/list_changed`, {}));
    }
    for (const uri of this.#watched.get(normalUri(event.uri)) ?? []) {
      this.#offer(this.#message('notifications/resources/updated', { uri }));
    }
  }

  #offer(text: string): void {
    if (this.#waiting.has(text) || this.sink.offer(text)) return;
    this.#waiting.add(text);
    if (this.#waiting.size === 1) void this.sink.drained?.then(() => this.#sendWaiting());
  }

  #sendWaiting(): void {
    const texts = [...this.#waiting];
    this.#waiting.clear();
    for (const text of texts) this.#offer(text);
  }

  /** Sends the result of the request, and ends. */
  end(result: object): void {
    this.close();
    const { id } = this.call.request;
    void this.sink.send(
      resultResponse(id, JSON.stringify({ ...result, _meta: { ...metaOf(result), ...this.#tag } })),
    );
    this.sink.end();
  }

  get #tag() {
    return { [MetaKey.SubscriptionId]: this.call.request.id };
  }

  #message(method: string, params: object): string {
    return JSON.stringify(notification(method, { ...params, _meta: this.#tag }));
  }
}

function metaOf(result: object): object {
  return (result as { _meta?: object })._meta ?? {};
}
