import type { Topic } from '../requirement.js';

export const COMPLETION: Topic = {
  title: 'Completion',
  requirements: [
    {
      level: 'MUST',
      text: 'Declares that it completes.',
      at: ['2025-03-26..2026-07-28 server/utilities/completion#capabilities.1'],
      tests: [
        'e2e/lists/hints.spec.ts: name what there is, and no announcement that nobody would deliver',
        'e2e/lists/hints.spec.ts: follow what is added, and stay when it is removed',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Answers failures with the codes of JSON-RPC.',
      at: ['2025-03-26..2026-07-28 server/utilities/completion#error-handling.1'],
      tests: [
        'e2e/completions/completions.spec.ts: refuses %j',
        'e2e/completions/completions.spec.ts: answers a completer that returns something else as a failure',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Sorts what it suggests by how well it fits, also inexactly.',
      at: ['2025-03-26..2026-07-28 server/utilities/completion#implementation-considerations.1'],
      reason: 'It is the choice of who writes the handler.',
    },
    {
      level: 'SHOULD',
      text: 'Checks what it is asked.',
      at: [
        '2025-03-26..2026-07-28 server/utilities/completion#implementation-considerations.1',
        '2025-03-26..2026-07-28 server/utilities/completion#security.1',
      ],
      tests: ['e2e/completions/completions.spec.ts: refuses %j'],
    },
    {
      level: 'MUST',
      text: 'Lets a guard limit how often it is asked.',
      at: [
        '2025-03-26..2026-07-28 server/utilities/completion#implementation-considerations.1',
        '2025-03-26..2026-07-28 server/utilities/completion#security.1',
      ],
      tests: [
        'e2e/auth/throttling.spec.ts: limits the endpoint, before any of it is looked at',
        'e2e/completions/completions.spec.ts: stands behind the guards of its prompt',
      ],
    },
    {
      level: 'MUST',
      text: 'Shows suggestions to those who may see them.',
      at: ['2025-03-26..2026-07-28 server/utilities/completion#security.1'],
      tests: [
        'e2e/completions/completions.spec.ts: stands behind the guards of its prompt',
        'e2e/lists/visibility.spec.ts: is answered by %s as a name nobody has (%s)',
      ],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: ['2025-03-26..2026-07-28 server/utilities/completion#implementation-considerations.2'],
    },
  ],
};
