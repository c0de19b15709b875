import type { Topic } from '../requirement.js';

export const PING: Topic = {
  title: 'Ping',
  requirements: [
    {
      level: 'MUST',
      text: 'Answers at once with nothing.',
      at: ['2025-03-26..2025-11-25 basic/utilities/ping#behavior-requirements.1'],
      tests: ['e2e/transport/initialize.spec.ts: answers ping with an empty result'],
    },
    {
      level: 'SHOULD',
      text: 'Pings now and then, not too often, and takes silence for a lost connection.',
      at: [
        '2025-03-26..2025-11-25 basic/utilities/ping#error-handling.1-2',
        '2025-03-26..2025-11-25 basic/utilities/ping#implementation-considerations.1-4',
      ],
      reason:
        'It sends no pings: comments on every stream show whether the connection is alive, and need no answer.',
    },
  ],
  others: [],
};
