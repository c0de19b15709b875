import type { Topic } from '../requirement.js';

export const BASE_PROTOCOL: Topic = {
  title: 'Base protocol',
  requirements: [
    {
      level: 'MUST',
      text: 'Speaks the whole base protocol: its messages, and the lifecycle or the versioning and patterns of the revision.',
      at: ['2025-03-26..2026-07-28 basic/index#.1'],
      tests: [
        'conformance/conformance.spec.ts: passes for %s',
        'e2e/transport/initialize.spec.ts: lists and calls for every legacy version in the same way',
      ],
    },
    {
      level: 'MUST',
      text: 'Sends nothing but JSON-RPC 2.0.',
      at: ['2025-03-26..2026-07-28 basic/index#messages.1'],
      tests: [
        'e2e/transport/wire.spec.ts: lets %j be answered by %j',
        'e2e/transport/wire.spec.ts: does not let %j be answered by %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Gives each request of its own an id, which is not null.',
      at: ['2025-03-26..2026-07-28 basic/index#requests.1-2'],
      tests: [
        'e2e/sessions/asking.spec.ts: goes out on the stream of the call, and is answered by a POST',
        'e2e/transport/wire.spec.ts: lets the server ask what the client declared, each time under another id',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Uses no id for two requests of a session.',
      at: ['2025-03-26..2025-11-25 basic/index#requests.3'],
      tests: [
        'e2e/transport/wire.spec.ts: lets the server ask what the client declared, each time under another id',
      ],
    },
    {
      level: 'MUST',
      text: 'Answers under the id of the request, whatever kind of id that is.',
      at: [
        '2025-03-26..2025-06-18 basic/index#responses.1',
        '2025-11-25..2026-07-28 basic/index#result-responses.1',
      ],
      tests: ['e2e/transport/answers.spec.ts: echoes ids of every kind as they are'],
    },
    {
      level: 'MUST',
      text: 'Gives either a result or an error, never both and never neither.',
      at: [
        '2025-03-26..2025-06-18 basic/index#responses.2-3',
        '2025-11-25..2026-07-28 basic/index#result-responses.2',
      ],
      tests: ['e2e/transport/wire.spec.ts: does not let %j be answered by %j'],
    },
    {
      level: 'MUST',
      text: 'Gives every error a code and a message, and the id of its request where that could be read.',
      at: [
        '2025-11-25..2026-07-28 basic/index#error-responses.1-2',
        '2025-03-26..2025-06-18 basic/index#responses.4',
      ],
      tests: ['e2e/transport/refusals.spec.ts: answers 400 and -32600, with the id that can be read, to %s'],
    },
    {
      level: 'MUST',
      text: 'Uses whole numbers for error codes.',
      at: [
        '2025-11-25..2026-07-28 basic/index#error-responses.3',
        '2025-03-26..2025-06-18 basic/index#responses.5',
      ],
      tests: ['e2e/transport/wire.spec.ts: does not let %j be answered by %j'],
    },
    {
      level: 'MUST NOT',
      text: 'Never responds to a notification.',
      at: ['2025-03-26..2026-07-28 basic/index#notifications.1'],
      tests: [
        'e2e/transport/answers.spec.ts: accepts a notification of %s with 202 and nothing else',
        'e2e/transport/batch.spec.ts: answers every request of a batch and no notification (%j)',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Gives its notifications no id.',
      at: ['2025-03-26..2026-07-28 basic/index#notifications.2'],
      tests: ['e2e/transport/wire.spec.ts: does not let %j be answered by %j'],
    },
    {
      level: 'MUST',
      text: 'Takes batches, in the one revision that has them.',
      at: ['2025-03-26 basic/index#batching.1'],
      tests: [
        'e2e/transport/batch.spec.ts: answers every request of a batch and no notification (%j)',
        'e2e/sessions/versions.spec.ts: is answered as a batch in 2025-03-26',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Follows the authorization pages over HTTP.',
      at: ['2025-03-26..2026-07-28 basic/index#auth.1'],
      reason:
        'Those pages are a subject of their own, with tests of their own; whether a server asks for tokens is its configuration.',
    },
    {
      level: 'SHOULD NOT',
      text: 'Leaves authorization to the environment on standard streams.',
      at: ['2025-03-26..2026-07-28 basic/index#auth.2'],
      reason: 'The library serves HTTP only.',
    },
    {
      level: 'MUST',
      text: 'Gives every result a type, one of those that the revision knows.',
      at: ['2026-07-28 basic/index#result-responses.3', '2026-07-28 basic/index#resulttype.1'],
      tests: ['e2e/transport/wire.spec.ts: judges the modern answer to %s %j'],
    },
    {
      level: 'MUST NOT',
      text: 'Uses none of the codes that implementations took before they were regulated.',
      at: ['2026-07-28 basic/index#error-codes.1-2'],
      tests: ['e2e/transport/wire.spec.ts: does not let %j be answered by %j'],
    },
    {
      level: 'MUST NOT',
      text: 'Uses no reserved code but those defined, and those for what they mean.',
      at: ['2026-07-28 basic/index#error-codes.4-5'],
      tests: [
        'e2e/transport/wire.spec.ts: does not let %j be answered by %j',
        'e2e/transport/versions.spec.ts: answers -32020 where header and body name different versions',
        'e2e/conversations/conformance.spec.ts: capability-check',
        'e2e/transport/versions.spec.ts: answers the unknown version %j with the versions it supports',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Sends no code that only earlier revisions had.',
      at: ['2026-07-28 basic/index#error-codes.6'],
      tests: [
        'e2e/transport/wire.spec.ts: judges %j on a modern stream, for a request with %j',
        'e2e/resources/read.spec.ts: answers %s as a resource that is not there',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Allots codes of its own outside the range of JSON-RPC.',
      at: ['2026-07-28 basic/index#error-codes.8'],
      reason: 'It has none of its own; the documentation of McpError tells authors where theirs belong.',
    },
    {
      level: 'MUST NOT',
      text: 'Knows nothing of a modern request but what the request says.',
      at: ['2026-07-28 basic/index#statelessness.1'],
      tests: [
        'e2e/conversations/two-instances.spec.ts: hold one conversation, whichever gets a request',
        'e2e/sessions/versions.spec.ts: does not concern requests of 2026-07-28, which belong to no session',
        'e2e/transport/isolation.spec.ts: gives 100 clients with equal ids their own results',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Serves many tasks and conversations beside each other.',
      at: ['2026-07-28 basic/index#statelessness.2'],
      tests: [
        'e2e/transport/isolation.spec.ts: gives 100 clients with equal ids their own results',
        'e2e/transport/isolation.spec.ts: answers in whatever order handlers finish',
      ],
    },
    {
      level: 'SHOULD NOT',
      text: 'Needs no client to come back on the same connection or to the same process.',
      at: ['2026-07-28 basic/index#statelessness.3'],
      tests: ['e2e/conversations/two-instances.spec.ts: hold one conversation, whichever gets a request'],
    },
    {
      level: 'MUST',
      text: 'Hands out an identifier for whatever lasts longer than a request.',
      at: ['2026-07-28 basic/index#statelessness.5'],
      tests: ['e2e/conversations/two-instances.spec.ts: hold one conversation, whichever gets a request'],
    },
    {
      level: 'SHOULD',
      text: 'Is built with consent, access control and documentation of what it does with data.',
      at: ['2025-03-26..2026-07-28 index#implementation-guidelines.1'],
      reason: 'Said to whoever makes a product of it; SECURITY.md says what the library does for them.',
    },
  ],
  others: [
    { reason: 'It explains how the page uses its key words.', at: ['2025-03-26..2026-07-28 index#.1-9'] },
    {
      reason: 'It binds clients.',
      at: [
        '2026-07-28 basic/index#error-codes.3,7',
        '2025-11-25..2026-07-28 basic/index#icons.1-4',
        '2026-07-28 basic/index#meta.6,9',
        '2026-07-28 basic/index#resulttype.2-3',
        '2026-07-28 basic/index#statelessness.4',
      ],
    },
    {
      reason: 'It binds who sends requests; a modern server sends none.',
      at: ['2026-07-28 basic/index#requests.3'],
    },
  ],
};
