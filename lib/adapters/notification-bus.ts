import type { RequestId } from '../protocol/json-rpc.js';

/**
 * The list of tools, resources (templates included) or prompts of a server has changed.
 *
 * @publicApi
 */
export interface ListChangedEvent {
  readonly type: 'list_changed';
  /** Name of the server within its application; empty for one without. */
  readonly server: string;
  readonly list: 'tools' | 'resources' | 'prompts';
}

/**
 * The content of a resource has changed.
 *
 * @publicApi
 */
export interface ResourceUpdatedEvent {
  readonly type: 'resource_updated';
  readonly server: string;
  readonly uri: string;
}

/**
 * A client cancelled a request, which another instance may be running.
 *
 * @publicApi
 */
export interface RequestCancelledEvent {
  readonly type: 'request_cancelled';
  readonly server: string;
  readonly sessionId: string;
  readonly requestId: RequestId;
  readonly reason: string;
}

/**
 * A session is over: instances end its requests and release its streams.
 *
 * @publicApi
 */
export interface SessionEndedEvent {
  readonly type: 'session_ended';
  readonly server: string;
  readonly sessionId: string;
}

/**
 * A client connected to a stream of its session; a connection of another instance to that stream is of no use now.
 *
 * @publicApi
 */
export interface StreamOpenedEvent {
  readonly type: 'stream_opened';
  readonly server: string;
  readonly sessionId: string;
  readonly streamId: string;
  /** Identity of the instance. */
  readonly instance: string;
  /** Name of the opening from which on the instance is responsible for announcements, where it was not before. */
  readonly opening?: string;
}

/**
 * Message between the instances of a server, as plain JSON. A listener ignores types it does not know, since an
 * instance with newer code may be on the same bus.
 *
 * @publicApi
 */
export type BusEvent =
  ListChangedEvent | ResourceUpdatedEvent | RequestCancelledEvent | SessionEndedEvent | StreamOpenedEvent;

/**
 * Takes an event. It handles its own failures: what it throws is not reported.
 *
 * @publicApi
 */
export type BusListener = (event: BusEvent) => void | Promise<void>;

/**
 * Takes an event with its idempotency key, which is the same whenever and wherever the event is given: 1 to 43 characters
 * of `A-Z a-z 0-9 _ -`.
 *
 * @publicApi
 */
export type BusConsumer = (event: BusEvent, key: string) => void | Promise<void>;

/**
 * An event with its idempotency key.
 *
 * @publicApi
 */
export interface MissedEvent {
  readonly event: BusEvent;
  readonly key: string;
}

/**
 * Carries events between the instances of a server. Also the token it is injected by.
 *
 * Events go to the subscribers of the moment: nothing is kept. Prove an implementation with `notificationBusContract` of
 * `nestjs-mcp-adapters/testing`.
 *
 * @publicApi
 */
export abstract class NotificationBus {
  /** True if it reaches other processes. Where it does not, instances take streams over from one another by their log. */
  readonly isShared: boolean = true;

  /** True if events are kept for a while, so that `consume` and `missedBy` do what they say. */
  readonly keepsEvents: boolean = false;

  /**
   * Hands an event to every listener on every instance, this one included, exactly once each; events of one publisher
   * arrive in the order of the calls. Resolves when the event is on its way, which may be before it arrives; rejects when
   * it could not be sent. Listeners get copies. After `close()` it resolves and sends nothing.
   */
  abstract publish(event: BusEvent): Promise<void>;

  /**
   * Adds a listener; every event published once this has resolved reaches it. One that throws, rejects or never settles
   * harms neither the publisher nor other listeners. The same function may be added more than once.
   *
   * @returns what removes it again: nothing is delivered once that has resolved. Calling it twice does no harm.
   */
  abstract subscribe(listener: BusListener): Promise<() => Promise<void>>;

  /**
   * `subscribe` for work that another instance has to take over when this one ends: notes how far the consumer of this name,
   * which no other has, is with its events. An event is done once the promise of the listener has settled. By default nothing
   * is noted, and keys are of no use.
   */
  async consume(_name: string, listener: BusConsumer): Promise<() => Promise<void>> {
    return this.subscribe((event) => listener(event, crypto.randomUUID()));
  }

  /**
   * Events that a consumer, maybe of an instance that is gone, has not done yet or done so lately that it is not noted; never
   * one from before it began. Those that are not kept any more are missing. All of them have been handed to the listeners of
   * this instance before. By default none.
   */
  async missedBy(_name: string): Promise<readonly MissedEvent[]> {
    return [];
  }

  /**
   * Resolves if events can be published and received now, else rejects with the reason. By default it adds a listener and
   * removes it again.
   */
  async ping(): Promise<void> {
    const remove = await this.subscribe(() => {});
    await remove();
  }

  /** Delivers nothing any more, and gives back what this bus opened. Calling it twice does no harm. */
  async close(): Promise<void> {}
}
