import type { Topic } from '../requirement.js';

export const ROOTS: Topic = {
  title: 'Roots',
  requirements: [
    {
      level: 'SHOULD',
      text: 'Asks for roots only where the client has declared them.',
      at: [
        '2025-03-26..2026-07-28 client/roots#implementation-guidelines.2',
        '2025-03-26..2026-07-28 client/roots#security-considerations.2',
      ],
      tests: [
        'e2e/sessions/asking-kinds.spec.ts: is not asked, and the tool says so: %s of %j',
        'e2e/transport/wire.spec.ts: lets the server ask what the client declared, each time under another id',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Copes with roots that go, and keeps to their bounds.',
      at: [
        '2025-03-26..2026-07-28 client/roots#implementation-guidelines.2',
        '2025-03-26..2026-07-28 client/roots#security-considerations.2',
      ],
      reason: 'It is the choice of who writes the handler. Roots are asked for each time and never kept.',
    },
    {
      level: 'SHOULD NOT',
      text: 'Does without roots, as they are deprecated.',
      at: ['2026-07-28 client/roots#.1-2'],
      reason: 'They are there for handlers that ask for them.',
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2025-03-26..2026-07-28 client/roots#capabilities.1',
        '2025-03-26..2025-11-25 client/roots#error-handling.1',
        '2025-03-26..2026-07-28 client/roots#implementation-guidelines.1',
        '2025-03-26..2026-07-28 client/roots#root.1',
        '2025-03-26..2025-11-25 client/roots#root-list-changes.1',
        '2025-03-26..2026-07-28 client/roots#security-considerations.1',
      ],
    },
  ],
};
