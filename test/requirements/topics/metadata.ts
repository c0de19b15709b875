import type { Topic } from '../requirement.js';

export const METADATA: Topic = {
  title: 'Metadata and versions of requests',
  requirements: [
    {
      level: 'MUST NOT',
      text: 'Assumes nothing of the values of reserved metadata: it checks them.',
      at: ['2025-06-18..2026-07-28 basic/index#meta.1'],
      tests: [
        'e2e/transport/refusals.spec.ts: answers a modern request with %s with 400 and -32602',
        'e2e/tools/progress.spec.ts: is refused with a token of another type',
      ],
    },
    {
      level: 'MUST',
      text: 'Names its metadata by the rules for prefixes and names, with a domain turned round.',
      at: ['2025-06-18 basic/index#meta.2-4', '2025-11-25..2026-07-28 basic/index#meta.2-5'],
      tests: ['e2e/transport/wire.spec.ts: does not let %j be answered by %j'],
    },
    {
      level: 'MUST',
      text: 'Refuses a modern request without its metadata with -32602 and 400.',
      at: ['2026-07-28 basic/index#meta.7-8'],
      tests: ['e2e/transport/refusals.spec.ts: answers a modern request with %s with 400 and -32602'],
    },
    {
      level: 'MUST NOT',
      text: 'Relies on no capability the client has not declared.',
      at: ['2026-07-28 basic/index#meta.10'],
      tests: [
        'e2e/transport/wire.spec.ts: judges the answers of a modern client by what was asked for',
        'e2e/conversations/keys.spec.ts: are not sent when one is of a kind the client did not declare: %s, %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Names the capability that is missing, with -32021 and 400.',
      at: ['2026-07-28 basic/index#meta.11-12'],
      tests: [
        'e2e/conversations/conformance.spec.ts: capability-check',
        'e2e/conversations/low-level.spec.ts: asks nothing the client did not declare: %s, %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Identifies itself in every result.',
      at: ['2026-07-28 basic/index#meta.13'],
      tests: ['e2e/transport/wire.spec.ts: judges the modern answer to %s %j'],
    },
    {
      level: 'SHOULD NOT',
      text: 'Does the same whoever a client says it is, and trusts no such words.',
      at: ['2026-07-28 basic/index#meta.14-15'],
      tests: [
        'e2e/transport/refusals.spec.ts: serves a modern client that does not describe itself',
        'e2e/sessions/identity.spec.ts: does not change with what is only said of the same subject',
      ],
    },
    {
      level: 'MUST',
      text: 'Tags what a subscription tells with the id of the subscription.',
      at: ['2026-07-28 basic/index#meta.16'],
      tests: [
        'e2e/subscriptions/listening.spec.ts: tells of every change that was asked for, in order, once each and tagged',
        'e2e/transport/wire.spec.ts: judges what a subscription tells: %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Keeps to the formats of trace context.',
      at: ['2026-07-28 basic/index#meta.17'],
      reason: 'It sends none; what a client sends is handed to the handler as it came.',
    },
  ],
  others: [],
};
