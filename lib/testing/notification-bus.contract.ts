import assert from 'node:assert/strict';
import type { BusEvent, NotificationBus } from '../adapters/notification-bus.js';
import { boundedCase, moment, waitFor } from './bounded-case.js';
import type { ContractCase } from './contract.js';

interface Buses {
  readonly first: NotificationBus;
  readonly second: NotificationBus;
}

function busCase(name: string, body: (buses: Buses) => Promise<void>): ContractCase<NotificationBus> {
  return boundedCase(name, async (subject) =>
    body({ first: subject.adapter, second: await subject.another() }),
  );
}

function updated(uri: string, server = 'main'): BusEvent {
  return { type: 'resource_updated', server, uri };
}

/** Events as they arrive, by their URIs. */
class Received {
  readonly events: BusEvent[] = [];
  readonly listener = (event: BusEvent): void => {
    this.events.push(event);
  };

  get uris(): string[] {
    return this.events.map((event) => ('uri' in event ? event.uri : event.type));
  }

  async become(...uris: string[]): Promise<void> {
    await waitFor(() => this.events.length >= uris.length, `${uris.length} events`);
    assert.deepEqual(this.uris, uris);
  }
}

async function listen(bus: NotificationBus): Promise<Received> {
  const received = new Received();
  await bus.subscribe(received.listener);
  return received;
}

/**
 * Contract tests of a `NotificationBus`. For any test runner, one case after the other:
 *
 * ```ts
 * for (const { name, run } of notificationBusContract) it(name, () => run(open), 10_000);
 * ```
 *
 * @publicApi
 */
export const notificationBusContract: readonly ContractCase<NotificationBus>[] = [
  busCase('answers a ping while events can be published, and delivers nothing for it', async (buses) => {
    const received = await listen(buses.first);
    for (const bus of [buses.first, buses.second]) await assert.doesNotReject(async () => bus.ping());
    await buses.second.publish(updated('a'));
    await received.become('a');
  }),

  busCase(
    'delivers an event once to every listener of every instance, its publisher included',
    async (buses) => {
      const all = await Promise.all([listen(buses.first), listen(buses.first), listen(buses.second)]);
      await buses.first.publish(updated('a'));
      await buses.second.publish(updated('b'));
      for (const { events } of all) await waitFor(() => events.length >= 2, 'both events');
      await moment();
      for (const { uris } of all) assert.deepEqual([...uris].sort(), ['a', 'b']);
    },
  ),

  busCase('delivers an event as it was published', async ({ first, second }) => {
    const received = await listen(second);
    const events = [
      { type: 'list_changed', server: '', list: 'tools' },
      { type: 'resource_updated', server: 'ä "quoted" \n', uri: 'x://\u2028\u{1f600}' },
      { type: 'of_newer_code', server: 's', more: { nested: [1, null, true] } },
    ] as BusEvent[];
    for (const event of events) await first.publish(event);
    await waitFor(() => received.events.length === events.length, 'the events');
    assert.deepEqual(received.events, events);
  }),

  busCase('keeps the order of one publisher, awaited or not', async ({ first, second }) => {
    const [own, other] = [await listen(first), await listen(second)];
    const uris = Array.from({ length: 200 }, (_, index) => String(index));
    await Promise.all(uris.map((uri) => first.publish(updated(uri))));
    await own.become(...uris);
    await other.become(...uris);
  }),

  busCase('gives every listener a copy', async ({ first }) => {
    const event = { type: 'resource_updated', server: 'main', uri: 'a', more: { list: [1] } };
    await first.subscribe((given) => {
      (given as unknown as typeof event).more.list.push(2);
    });
    const received = await listen(first);
    await first.publish(event as BusEvent);
    event.more.list.push(3);
    await waitFor(() => received.events.length > 0, 'the event');
    assert.deepEqual(received.events, [{ ...event, more: { list: [1] } }]);
  }),

  busCase('lets no listener harm another one or the publisher', async ({ first, second }) => {
    for (const bus of [first, second]) {
      await bus.subscribe(() => {
        throw new Error('a listener that throws');
      });
      await bus.subscribe(() => Promise.reject(new Error('a listener that rejects')));
      await bus.subscribe(() => new Promise(() => undefined));
    }
    const received = await listen(second);
    await first.publish(updated('a'));
    await first.publish(updated('b'));
    await received.become('a', 'b');
  }),

  busCase('delivers what a listener publishes after what it was told', async ({ first }) => {
    await first.subscribe(async (event) => {
      if ('uri' in event && event.uri === 'a') await first.publish(updated('b'));
    });
    const received = await listen(first);
    await first.publish(updated('a'));
    await received.become('a', 'b');
  }),

  busCase('has a listener as often as it was added, and removes one at a time', async ({ first }) => {
    const received = new Received();
    const remove = await first.subscribe(received.listener);
    await first.subscribe(received.listener);
    await first.publish(updated('a'));
    await received.become('a', 'a');
    await remove();
    await remove();
    await first.publish(updated('b'));
    await received.become('a', 'a', 'b');
    await moment();
    assert.equal(received.events.length, 3);
  }),

  busCase('delivers nothing to a listener that was removed', async ({ first, second }) => {
    const [removed, kept] = [new Received(), await listen(first)];
    const remove = await first.subscribe(removed.listener);
    await remove();
    await second.publish(updated('a'));
    await first.publish(updated('b'));
    await waitFor(() => kept.events.length === 2, 'both events');
    assert.deepEqual(removed.events, []);
  }),

  busCase('keeps nothing for those who come later', async ({ first, second }) => {
    const early = await listen(first);
    await first.publish(updated('early'));
    await early.become('early');
    const late = await listen(second);
    await first.publish(updated('late'));
    await late.become('late');
  }),

  busCase(
    'knows what a consumer of an instance that is gone has not done, if it keeps events',
    async (buses) => {
      const { first, second } = buses;
      if (!first.keepsEvents) return;
      await listen(second);
      await first.publish(updated('before'));
      const done = new Map<string, string>();
      await first.consume('one', (event, key) => {
        done.set((event as { uri: string }).uri, key);
        return new Promise(() => undefined);
      });
      for (const uri of ['a', 'b']) await second.publish(updated(uri));
      await waitFor(() => done.size === 2, 'both events');
      await first.close();
      await second.publish(updated('c'));
      const missed = await second.missedBy('one');
      assert.deepEqual(
        missed.map(({ event }) => event),
        ['a', 'b', 'c'].map((uri) => updated(uri)),
      );
      assert.deepEqual(
        missed.slice(0, 2).map(({ key }) => key),
        ['a', 'b'].map((uri) => done.get(uri)),
      );
      for (const { key } of missed) assert.match(key, /^[\w-]{1,43}$/);
      assert.deepEqual(await second.missedBy('nobody'), []);
    },
  ),

  busCase(
    'notes at the latest when it closes what a consumer has done, if it keeps events',
    async (buses) => {
      const { first, second } = buses;
      if (!first.keepsEvents) return;
      const done = new Received();
      await first.consume('one', done.listener);
      await second.publish(updated('a'));
      await done.become('a');
      await moment();
      await first.close();
      assert.deepEqual(await second.missedBy('one'), []);
      await second.publish(updated('b'));
      assert.deepEqual(
        (await second.missedBy('one')).map(({ event }) => event),
        [updated('b')],
      );
    },
  ),

  busCase(
    'delivers nothing and sends nothing once it is closed, and harms no other instance',
    async (buses) => {
      const { first, second } = buses;
      const [closed, open] = [await listen(first), await listen(second)];
      await first.close();
      await first.close();
      await first.publish(updated('of the closed one'));
      const remove = await first.subscribe(closed.listener);
      await second.publish(updated('a'));
      await open.become('a');
      await moment();
      assert.deepEqual([closed.uris, open.uris], [[], ['a']]);
      await remove();
    },
  ),
];
