import type { Topic } from '../requirement.js';

export const CACHING: Topic = {
  title: 'Caching of 2026-07-28',
  requirements: [
    {
      level: 'MUST',
      text: 'Says with lists, resources and its description how long they may be kept.',
      at: ['2026-07-28 server/utilities/caching#cacheable-results.1'],
      tests: [
        'e2e/transport/wire.spec.ts: judges the modern answer to %s %j',
        'e2e/lists/hints.spec.ts: go with %s %j',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Lets nobody keep what depends on answers of the client.',
      at: ['2026-07-28 server/utilities/caching#cache-key.2'],
      tests: [
        'e2e/conversations/caching.spec.ts: lets nobody keep what depends on answers',
        'e2e/conversations/caching.spec.ts: lets nobody keep what depends on a state',
      ],
    },
    {
      level: 'MUST',
      text: 'Says so in milliseconds, 0 or more.',
      at: ['2026-07-28 server/utilities/caching#time-to-live-ttl-field.5'],
      tests: [
        'e2e/transport/wire.spec.ts: judges the modern answer to %s %j',
        'e2e/registry/boot-errors.spec.ts: on a resource: %s',
      ],
    },
    {
      level: 'MUST',
      text: 'Gives all pages of a list the same scope.',
      at: ['2026-07-28 server/utilities/caching#interaction-with-pagination.4-5'],
      tests: [
        'e2e/lists/scope.spec.ts: are all private where the last of them is not for everybody',
        'e2e/lists/scope.spec.ts: are all %s where that is configured',
      ],
    },
    {
      level: 'MUST',
      text: 'Is aware that what is public may be shared, also with callers of other rights.',
      at: ['2026-07-28 server/utilities/caching#security-considerations.1'],
      tests: [
        'e2e/lists/visibility.spec.ts: is private to those who may read it, whatever its hint says',
        'e2e/lists/scope.spec.ts: are all private where the last of them is not for everybody',
      ],
    },
    {
      level: 'MUST',
      text: 'Controls access apart from what it says of caching.',
      at: ['2026-07-28 server/utilities/caching#security-considerations.2-3'],
      tests: [
        'e2e/lists/visibility.spec.ts: is answered by %s as a name nobody has (%s)',
        'e2e/resources/read.spec.ts: refuses the uri %j',
      ],
    },
  ],
  others: [
    {
      reason: 'It binds clients and caches.',
      at: [
        '2026-07-28 server/utilities/caching#cache-key.1',
        '2026-07-28 server/utilities/caching#cache-scope-field.1',
        '2026-07-28 server/utilities/caching#freshness-calculation.1-3',
        '2026-07-28 server/utilities/caching#interaction-with-pagination.1-3',
        '2026-07-28 server/utilities/caching#time-to-live-ttl-field.1-4',
      ],
    },
  ],
};
