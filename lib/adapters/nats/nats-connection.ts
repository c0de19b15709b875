import { createInbox, type NatsConnection, type Subscription } from '@nats-io/transport-node';

/** A new subject for answers, below the one that the connection is set up to use. */
export function inboxOf(connection: NatsConnection): string {
  const { options } = connection as { readonly options?: { readonly inboxPrefix?: string } };
  return createInbox(options?.inboxPrefix);
}

/** Ends a subscription of a connection that may be closed. */
export function unsubscribe(subscription: Subscription): void {
  try {
    subscription.unsubscribe();
  } catch {
    // Gone with its connection.
  }
}
