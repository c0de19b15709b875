import type { Topic } from '../requirement.js';

export const SUBSCRIPTIONS: Topic = {
  title: 'Subscriptions of 2026-07-28',
  requirements: [
    {
      level: 'MUST NOT',
      text: 'Tells nothing that was not asked for.',
      at: ['2026-07-28 basic/patterns/subscriptions#opening-a-stream.1'],
      tests: [
        'e2e/subscriptions/listening.spec.ts: tells nothing that was not asked for: %s',
        'e2e/transport/wire.spec.ts: judges what a subscription tells: %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Acknowledges first, with what it will tell.',
      at: ['2026-07-28 basic/patterns/subscriptions#acknowledgment.1-2'],
      tests: [
        'e2e/subscriptions/listening.spec.ts: is acknowledged first, with what is honoured',
        'e2e/transport/wire.spec.ts: judges what a subscription tells: %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Ends a subscription with a result.',
      at: [
        '2026-07-28 basic/patterns/subscriptions#cancellation.1',
        '2026-07-28 basic/patterns/subscriptions#graceful-closure.1',
      ],
      tests: ['e2e/subscriptions/listening.spec.ts: ends with a result when the server shuts down'],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2026-07-28 basic/patterns/subscriptions#acknowledgment.3',
        '2026-07-28 basic/patterns/subscriptions#graceful-closure.2',
        '2026-07-28 basic/patterns/subscriptions#receiving-notifications.1',
      ],
    },
  ],
};
