import type { Topic } from '../requirement.js';

export const SAMPLING: Topic = {
  title: 'Sampling',
  requirements: [
    {
      level: 'SHOULD',
      text: 'Checks what the model answers.',
      at: ['2025-03-26..2026-07-28 client/sampling#security-considerations.2'],
      tests: ['e2e/sessions/asking-kinds.spec.ts: takes only an answer that is one: %s'],
    },
    {
      level: 'MUST',
      text: 'Treats sensitive data with care.',
      at: ['2025-03-26..2026-07-28 client/sampling#security-considerations.5'],
      reason: 'It is the choice of who writes the handler. The library neither logs nor keeps what is said.',
    },
    {
      level: 'MUST NOT',
      text: 'Offers tools only to clients that have declared to take them.',
      at: ['2025-11-25..2026-07-28 client/sampling#tools-in-sampling.2'],
      tests: [
        'e2e/sessions/asking-kinds.spec.ts: is not asked, and the tool says so: %s of %j',
        'e2e/transport/wire.spec.ts: lets the server ask what the client declared, each time under another id',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Avoids asking for the context of other servers.',
      at: ['2025-11-25..2026-07-28 client/sampling#capabilities.2-3'],
      reason:
        'It is the choice of who writes the handler. Earlier revisions have no capability that could be asked for it.',
    },
    {
      level: 'MUST',
      text: 'Sends results of tools alone, each right after its use.',
      at: [
        '2025-11-25..2026-07-28 client/sampling#security-considerations.6',
        '2025-11-25..2026-07-28 client/sampling#tool-result-messages.1',
        '2025-11-25..2026-07-28 client/sampling#tool-use-and-result-balance.1',
      ],
      tests: [
        'unit/server/tool-turns.spec.ts: takes %s',
        'unit/server/tool-turns.spec.ts: refuses %s',
        'e2e/sessions/asking-kinds.spec.ts: is not asked without a page to show, or with a tool that has not answered the model',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Limits how often tools go back and forth.',
      at: ['2025-11-25..2026-07-28 client/sampling#security-considerations.7'],
      reason: 'It is the choice of who writes the handler.',
    },
    {
      level: 'SHOULD NOT',
      text: 'Does without sampling, as it is deprecated.',
      at: ['2026-07-28 client/sampling#.1-2'],
      reason: 'It is there for handlers that ask for it.',
    },
    {
      level: 'MUST',
      text: 'Sends messages with a role and a content.',
      at: ['2026-07-28 client/sampling#messages.1'],
      tests: [
        'e2e/sessions/asking-kinds.spec.ts: asks the model of the client',
        'e2e/transport/wire.spec.ts: judges the modern answer to %s %j',
      ],
    },
    {
      level: 'SHOULD NOT',
      text: 'Keeps no messages from one request to the next.',
      at: ['2026-07-28 client/sampling#messages.2'],
      tests: ['e2e/conversations/parked-leaks.spec.ts: nothing of a call is kept after its end'],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2025-03-26..2026-07-28 client/sampling#capabilities.1',
        '2025-03-26..2025-11-25 client/sampling#error-handling.1',
        '2026-07-28 client/sampling#sampling-parameters.1',
        '2025-03-26..2026-07-28 client/sampling#security-considerations.1,3-4',
        '2025-11-25..2026-07-28 client/sampling#tools-in-sampling.1',
        '2025-03-26..2026-07-28 client/sampling#user-interaction-model.2',
      ],
    },
    {
      reason: 'It binds applications that people look at.',
      at: ['2025-03-26..2026-07-28 client/sampling#user-interaction-model.1'],
    },
    { reason: 'It binds models.', at: ['2025-11-25..2026-07-28 client/sampling#tool-choice-modes.1-2'] },
  ],
};
