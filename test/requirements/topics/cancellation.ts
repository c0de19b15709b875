import type { Topic } from '../requirement.js';

export const CANCELLATION: Topic = {
  title: 'Cancellation',
  requirements: [
    {
      level: 'MUST',
      text: 'Cancels only what it has asked and what has no answer yet.',
      at: [
        '2026-07-28 basic/patterns/cancellation#behavior-requirements.1',
        '2025-03-26..2025-11-25 basic/utilities/cancellation#behavior-requirements.1',
      ],
      tests: [
        'e2e/transport/wire.spec.ts: lets the server cancel what it has asked',
        'e2e/sessions/asking.spec.ts: ends when its time is over, and the client is told',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Stops the work, frees what it held, and sends no response.',
      at: [
        '2026-07-28 basic/patterns/cancellation#behavior-requirements.3',
        '2025-03-26..2025-06-18 basic/utilities/cancellation#behavior-requirements.3',
        '2025-11-25 basic/utilities/cancellation#behavior-requirements.4',
      ],
      tests: [
        'e2e/sessions/cancellation.spec.ts: is aborted when its client cancels it, and gets no answer: on a stream',
        'e2e/sessions/cancellation.spec.ts: is aborted when its client cancels it, and gets no answer: before anything was sent',
        'e2e/transport/memory.spec.ts: keeps nothing of calls whose client left %s',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Ignores a response that comes after it has cancelled.',
      at: [
        '2025-03-26..2025-06-18 basic/utilities/cancellation#behavior-requirements.4',
        '2025-11-25 basic/utilities/cancellation#behavior-requirements.5',
      ],
      tests: [
        'e2e/sessions/asking.spec.ts: is settled by the first answer: what comes after changes nothing',
        'e2e/sessions/asking.spec.ts: ends when its time is over, and the client is told',
      ],
    },
    {
      level: 'MUST',
      text: 'Copes with cancellations and answers that cross.',
      at: [
        '2026-07-28 basic/patterns/cancellation#timing-considerations.1',
        '2025-03-26..2025-11-25 basic/utilities/cancellation#timing-considerations.1',
      ],
      tests: [
        'e2e/sessions/cancellation.spec.ts: is not cancelled by the cancellation of something else',
        'e2e/transport/cancellation.spec.ts: does not abort the signal of a call that is answered',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Logs why a request was cancelled.',
      at: [
        '2026-07-28 basic/patterns/cancellation#implementation-notes.1',
        '2025-03-26..2025-11-25 basic/utilities/cancellation#implementation-notes.1',
      ],
      reason: 'The handler is told, by the reason of its signal, and knows better what is worth a line.',
    },
    {
      level: 'SHOULD',
      text: 'Ignores cancellations of nothing, and malformed ones.',
      at: [
        '2026-07-28 basic/patterns/cancellation#error-handling.1',
        '2025-03-26..2025-11-25 basic/utilities/cancellation#error-handling.1',
      ],
      tests: [
        'e2e/sessions/cancellation.spec.ts: is not cancelled by the cancellation of something else',
        'e2e/transport/answers.spec.ts: accepts a notification from a client that takes streams only',
      ],
    },
    {
      level: 'MUST',
      text: 'Cancels tasks in their own way.',
      at: ['2025-11-25 basic/utilities/cancellation#behavior-requirements.3'],
      reason:
        'Tasks of this revision, an experiment that was given up, are not offered; those of the extension are cancelled by tasks/cancel.',
    },
    {
      level: 'MUST',
      text: 'Tells by notifications/cancelled that it ends a subscription.',
      at: ['2026-07-28 basic/patterns/cancellation#.2'],
      reason:
        'The schema of the revision gives this notification to standard streams; over HTTP a subscription ends with its result, as its own page says.',
    },
    {
      level: 'MUST NOT',
      text: 'Sends notifications/cancelled for nothing else.',
      at: [
        '2026-07-28 basic/patterns/cancellation#.3',
        '2026-07-28 basic/patterns/cancellation#behavior-requirements.2',
      ],
      tests: ['e2e/transport/wire.spec.ts: judges %j on a modern stream, for a request with %j'],
    },
    {
      level: 'MUST',
      text: 'Takes the end of a connection for cancellation.',
      at: ['2026-07-28 basic/patterns/cancellation#transport-specific-cancellation.1'],
      tests: [
        'e2e/transport/cancellation.spec.ts: aborts the signal of a handler whose client leaves the stream, and writes nothing more',
        'e2e/transport/cancellation.spec.ts: aborts the signal of a handler whose client leaves before anything was sent',
      ],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2026-07-28 basic/patterns/cancellation#.1',
        '2026-07-28 basic/patterns/cancellation#behavior-requirements.4',
        '2026-07-28 basic/patterns/cancellation#transport-specific-cancellation.2',
        '2025-03-26..2025-11-25 basic/utilities/cancellation#behavior-requirements.2',
      ],
    },
    {
      reason: 'It binds applications that people look at.',
      at: [
        '2026-07-28 basic/patterns/cancellation#implementation-notes.2',
        '2025-03-26..2025-11-25 basic/utilities/cancellation#implementation-notes.2',
      ],
    },
  ],
};
