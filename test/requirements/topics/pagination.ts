import type { Topic } from '../requirement.js';

export const PAGINATION: Topic = {
  title: 'Pages of lists',
  requirements: [
    {
      level: 'SHOULD',
      text: 'Makes cursors that last, and copes with those that do not.',
      at: ['2025-03-26..2026-07-28 server/utilities/pagination#implementation-guidelines.1'],
      tests: [
        'e2e/lists/pages.spec.ts: goes on after the last entry although that has been removed and others have come',
        'e2e/lists/pages.spec.ts: refuses the cursor of another list, and of a server with another secret',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Answers -32602 to a cursor that is none.',
      at: ['2025-03-26..2026-07-28 server/utilities/pagination#error-handling.1'],
      tests: ['e2e/lists/pages.spec.ts: refuses the cursor %.20j'],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2025-03-26..2025-11-25 server/utilities/pagination#implementation-guidelines.2-3',
        '2026-07-28 server/utilities/pagination#implementation-guidelines.2-4',
        '2025-03-26..2026-07-28 server/utilities/pagination#pagination-model.1',
      ],
    },
  ],
};
