import type { Topic } from '../requirement.js';

export const LIFECYCLE: Topic = {
  title: 'Lifecycle of 2025-03-26 to 2025-11-25',
  requirements: [
    {
      level: 'MUST',
      text: 'Serves a session only after it has begun.',
      at: ['2025-03-26..2025-11-25 basic/lifecycle#initialization.1'],
      tests: ['e2e/sessions/admission.spec.ts: asks for the id where there is none'],
    },
    {
      level: 'MUST NOT',
      text: 'Refuses a handshake in a batch.',
      at: ['2025-03-26 basic/lifecycle#initialization.3'],
      tests: ['e2e/transport/batch.spec.ts: refuses %s and runs nothing of it'],
    },
    {
      level: 'MUST',
      text: 'Answers the handshake with what it can do and who it is.',
      at: [
        '2025-03-26 basic/lifecycle#initialization.4',
        '2025-06-18..2025-11-25 basic/lifecycle#initialization.3',
      ],
      tests: [
        'e2e/transport/initialize.spec.ts: agrees on %s',
        'e2e/lists/hints.spec.ts: name what there is, and no announcement that nobody would deliver',
      ],
    },
    {
      level: 'SHOULD NOT',
      text: 'Asks nothing but pings before the client says that it is ready.',
      at: [
        '2025-03-26 basic/lifecycle#initialization.7',
        '2025-06-18..2025-11-25 basic/lifecycle#initialization.6',
      ],
      reason:
        'A question needs a stream, and a client that calls or listens has begun to work; waiting for one more message would leave those that never send it without questions.',
    },
    {
      level: 'MUST',
      text: 'Takes the version that is asked for if it knows it.',
      at: ['2025-03-26..2025-11-25 basic/lifecycle#version-negotiation.3'],
      tests: ['e2e/transport/initialize.spec.ts: agrees on %s'],
    },
    {
      level: 'MUST',
      text: 'Offers another version if it does not, the newest it has.',
      at: ['2025-03-26..2025-11-25 basic/lifecycle#version-negotiation.4-5'],
      tests: [
        'e2e/transport/initialize.spec.ts: offers its newest legacy version to a client that asks for %j',
        'e2e/sessions/versions.spec.ts: is offered instead of one the server does not know',
      ],
    },
    {
      level: 'MUST',
      text: 'Keeps to the version that was agreed on.',
      at: ['2025-03-26..2025-11-25 basic/lifecycle#operation.1'],
      tests: ['e2e/sessions/versions.spec.ts: is what initialize agreed on, for every later request'],
    },
    {
      level: 'MUST',
      text: 'Uses only what both sides have declared.',
      at: ['2025-03-26..2025-11-25 basic/lifecycle#operation.1'],
      tests: [
        'e2e/sessions/asking-kinds.spec.ts: is not asked, and the tool says so: %s of %j',
        'e2e/transport/wire.spec.ts: lets the server ask what the client declared, each time under another id',
        'e2e/lists/hints.spec.ts: promise announcements to whom sessions let them reach',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Gives each of its requests a time limit, which can be set for each, and which nothing prolongs.',
      at: [
        '2025-03-26..2025-11-25 basic/lifecycle#timeouts.1,3-4',
        '2026-07-28 basic/patterns/cancellation#timeouts.3-4',
      ],
      tests: [
        'e2e/sessions/asking.spec.ts: ends when its time is over, and the client is told',
        'e2e/sessions/asking.spec.ts: may wait longer than a timer can',
        'e2e/conversations/parked-ends.spec.ts: ends when its time is over',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Tells the client that it waits no longer.',
      at: ['2025-03-26..2025-11-25 basic/lifecycle#timeouts.2'],
      tests: ['e2e/sessions/asking.spec.ts: ends when its time is over, and the client is told'],
    },
    {
      level: 'SHOULD',
      text: 'Is prepared for unknown versions, missing capabilities and time limits.',
      at: ['2025-03-26..2025-11-25 basic/lifecycle#error-handling.1'],
      tests: [
        'e2e/transport/versions.spec.ts: answers the unknown version %j with the versions it supports',
        'e2e/sessions/asking-kinds.spec.ts: is not asked, and the tool says so: %s of %j',
        'e2e/sessions/asking.spec.ts: ends when its time is over, and the client is told',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Limits how long it waits for what it has asked of a modern client.',
      at: ['2026-07-28 basic/patterns/cancellation#timeouts.1-2'],
      tests: ['e2e/conversations/parked-ends.spec.ts: ends when its time is over'],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2025-03-26 basic/lifecycle#initialization.2,5-6',
        '2025-06-18..2025-11-25 basic/lifecycle#initialization.2,4-5',
        '2025-03-26..2025-11-25 basic/lifecycle#stdio.1',
        '2025-03-26 basic/lifecycle#version-negotiation.1-2,6',
        '2025-06-18..2025-11-25 basic/lifecycle#version-negotiation.1-2,6-7',
      ],
    },
  ],
};
