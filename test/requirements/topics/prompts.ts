import type { Topic } from '../requirement.js';

export const PROMPTS: Topic = {
  title: 'Prompts',
  requirements: [
    {
      level: 'MUST',
      text: 'Declares that it has prompts.',
      at: ['2025-03-26..2026-07-28 server/prompts#capabilities.1'],
      tests: [
        'e2e/lists/hints.spec.ts: name what there is, and no announcement that nobody would deliver',
        'e2e/lists/hints.spec.ts: follow what is added, and stay when it is removed',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Tells when the list changes.',
      at: ['2025-03-26..2026-07-28 server/prompts#list-changed-notification.1'],
      tests: [
        'e2e/sessions/announcements.spec.ts: of a changed list reaches every listening session of its server once, and no other',
        'e2e/subscriptions/listening.spec.ts: tells of every change that was asked for, in order, once each and tagged',
      ],
    },
    {
      level: 'MUST',
      text: 'Sends pictures, sound and embedded resources whole: encoded, with their type and URI.',
      at: [
        '2025-03-26..2026-07-28 server/prompts#audio-content.1',
        '2025-03-26..2026-07-28 server/prompts#embedded-resources.1',
        '2025-03-26..2026-07-28 server/prompts#image-content.1',
      ],
      tests: [
        'e2e/prompts/prompts.spec.ts: carry every kind of content',
        'e2e/transport/wire.spec.ts: does not let %j be answered by %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Answers failures with the codes of JSON-RPC.',
      at: ['2025-03-26..2026-07-28 server/prompts#error-handling.1'],
      tests: [
        'e2e/prompts/prompts.spec.ts: refuse an unknown name, and parameters of the wrong shape',
        'e2e/prompts/prompts.spec.ts: answer a handler that returns no message (%s) as a failure',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Checks arguments first.',
      at: ['2025-03-26..2026-07-28 server/prompts#implementation-considerations.1'],
      tests: ['e2e/prompts/prompts.spec.ts: refuse for %s the arguments %j'],
    },
    {
      level: 'SHOULD',
      text: 'Respects the capabilities of both sides.',
      at: ['2025-03-26..2026-07-28 server/prompts#implementation-considerations.3'],
      tests: [
        'e2e/lists/hints.spec.ts: promise announcements to whom sessions let them reach',
        'e2e/sessions/asking-kinds.spec.ts: is not asked, and the tool says so: %s of %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Checks what goes in and out, and who may ask.',
      at: ['2025-03-26..2026-07-28 server/prompts#security.1'],
      tests: [
        'e2e/prompts/prompts.spec.ts: refuse for %s the arguments %j',
        'e2e/prompts/prompts.spec.ts: answer a handler that returns no message (%s) as a failure',
        'e2e/registry/decorated-pipeline.spec.ts: %s is for those whom the guard lets in',
      ],
    },
    {
      level: 'MUST',
      text: 'Lists what the caller may use now.',
      at: ['2026-07-28 server/prompts#capabilities.2'],
      tests: [
        'e2e/lists/visibility.spec.ts: is missing from %s',
        'e2e/lists/list-resolver.spec.ts: gives each caller pages of their own',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Lists the same whatever was asked before, on whichever connection.',
      at: ['2026-07-28 server/prompts#capabilities.3'],
      tests: ['e2e/lists/pages.spec.ts: %s gives every entry once, in order, whichever instance answers'],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: ['2025-03-26..2026-07-28 server/prompts#implementation-considerations.2'],
    },
  ],
};
