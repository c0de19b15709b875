import type { Topic } from '../requirement.js';

export const LOGGING: Topic = {
  title: 'Log messages',
  requirements: [
    {
      level: 'MUST',
      text: 'Declares that it sends log messages.',
      at: ['2025-03-26..2026-07-28 server/utilities/logging#capabilities.1'],
      tests: ['e2e/tools/client-log.spec.ts: are a capability of servers that can deliver them'],
    },
    {
      level: 'MUST NOT',
      text: 'Puts no secrets, personal data or internals into messages.',
      at: ['2025-03-26..2026-07-28 server/utilities/logging#security.1'],
      reason: 'It is the choice of who writes the handler. The library adds none.',
    },
    {
      level: 'SHOULD',
      text: 'Limits, checks and watches what it logs.',
      at: [
        '2025-03-26..2026-07-28 server/utilities/logging#implementation-considerations.1',
        '2025-03-26..2026-07-28 server/utilities/logging#security.2',
      ],
      reason: 'It is the choice of who writes the handler.',
    },
    {
      level: 'SHOULD NOT',
      text: 'Does without log messages, as they are deprecated.',
      at: ['2026-07-28 server/utilities/logging#.1-2'],
      reason: 'They are there for clients that ask for them.',
    },
    {
      level: 'MUST NOT',
      text: 'Sends none for a modern request that does not ask for them.',
      at: ['2026-07-28 server/utilities/logging#per-request-log-level.1'],
      tests: [
        'e2e/tools/client-log.spec.ts: are not sent to a modern client that does not ask',
        'e2e/transport/wire.spec.ts: judges %j on a modern stream, for a request with %j',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Sends them on the stream of that request only.',
      at: ['2026-07-28 server/utilities/logging#per-request-log-level.2'],
      tests: [
        'e2e/transport/wire.spec.ts: judges %j on a modern stream, for a request with %j',
        'e2e/transport/wire.spec.ts: judges what a subscription tells: %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Refuses a level that does not exist.',
      at: ['2026-07-28 server/utilities/logging#error-handling.1'],
      tests: ['e2e/transport/refusals.spec.ts: answers a modern request with %s with 400 and -32602'],
    },
    {
      level: 'SHOULD',
      text: 'Answers failures with the codes of JSON-RPC.',
      at: ['2025-03-26..2025-11-25 server/utilities/logging#error-handling.1'],
      tests: ['e2e/transport/initialize.spec.ts: takes every log level there is and no other'],
    },
  ],
  others: [],
};
