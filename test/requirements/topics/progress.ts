import type { Topic } from '../requirement.js';

export const PROGRESS: Topic = {
  title: 'Progress',
  requirements: [
    {
      level: 'MUST',
      text: 'Takes texts and whole numbers for tokens.',
      at: [
        '2026-07-28 basic/patterns/progress#progress-flow.1',
        '2025-03-26..2025-11-25 basic/utilities/progress#progress-flow.1',
      ],
      tests: [
        'e2e/tools/progress.spec.ts: goes out under the token %j, before the result',
        'e2e/tools/progress.spec.ts: is refused with a token of another type',
      ],
    },
    {
      level: 'MUST',
      text: 'Reports values that rise.',
      at: [
        '2026-07-28 basic/patterns/progress#progress-flow.3',
        '2025-03-26..2025-11-25 basic/utilities/progress#progress-flow.3',
      ],
      tests: [
        'e2e/tools/progress.spec.ts: rises: what does not is dropped',
        'e2e/transport/wire.spec.ts: does not let %j be answered by %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Says in words how far it is.',
      at: [
        '2026-07-28 basic/patterns/progress#progress-flow.4',
        '2025-03-26..2025-11-25 basic/utilities/progress#progress-flow.4',
      ],
      reason: 'It is the choice of who writes the handler.',
    },
    {
      level: 'MUST',
      text: 'Reports under tokens that were given and work that goes on.',
      at: [
        '2026-07-28 basic/patterns/progress#behavior-requirements.1',
        '2025-03-26..2025-11-25 basic/utilities/progress#behavior-requirements.1',
      ],
      tests: [
        'e2e/tools/progress.spec.ts: is not reported without a token, and the answer stays JSON',
        'e2e/tools/progress.spec.ts: goes nowhere once the handler is done',
        'e2e/transport/wire.spec.ts: does not let %j be answered by %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Keeps track of tokens.',
      at: [
        '2026-07-28 basic/patterns/progress#implementation-notes.1',
        '2025-03-26..2025-11-25 basic/utilities/progress#implementation-notes.1',
      ],
      tests: [
        'e2e/tools/progress.spec.ts: goes nowhere once the handler is done',
        'e2e/conversations/parked-streams.spec.ts: goes to the retry, under its own token and level',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Limits how much it reports.',
      at: [
        '2026-07-28 basic/patterns/progress#implementation-notes.2',
        '2025-03-26..2025-11-25 basic/utilities/progress#implementation-notes.2',
      ],
      reason:
        'How often to report is the choice of the handler; what nobody reads in time costs bounded memory, which has tests of its own.',
    },
    {
      level: 'MUST',
      text: 'Reports nothing after the end.',
      at: [
        '2026-07-28 basic/patterns/progress#implementation-notes.3',
        '2025-03-26..2025-11-25 basic/utilities/progress#implementation-notes.3',
      ],
      tests: [
        'e2e/tools/progress.spec.ts: goes nowhere once the handler is done',
        'e2e/sessions/bursts.spec.ts: is said to nobody once the handler is done',
        'e2e/transport/wire.spec.ts: does not let %j be answered by %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Reports of tasks under the token of their request until they end.',
      at: ['2025-11-25 basic/utilities/progress#behavior-requirements.2-4'],
      reason:
        'Tasks of this revision, an experiment that was given up, are not offered; those of the extension have a status message.',
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2026-07-28 basic/patterns/progress#progress-flow.2',
        '2025-03-26..2025-11-25 basic/utilities/progress#progress-flow.2',
      ],
    },
  ],
};
