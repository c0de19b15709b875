import type { Topic } from '../requirement.js';

export const RESOURCES: Topic = {
  title: 'Resources',
  requirements: [
    {
      level: 'MUST',
      text: 'Declares that it has resources.',
      at: ['2025-03-26..2026-07-28 server/resources#capabilities.1'],
      tests: [
        'e2e/lists/hints.spec.ts: name what there is, and no announcement that nobody would deliver',
        'e2e/lists/hints.spec.ts: follow what is added, and stay when it is removed',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Tells when the list changes.',
      at: ['2025-03-26..2026-07-28 server/resources#list-changed-notification.1'],
      tests: [
        'e2e/sessions/announcements.spec.ts: of a changed list reaches every listening session of its server once, and no other',
        'e2e/subscriptions/listening.spec.ts: tells of every change that was asked for, in order, once each and tagged',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Uses https for what clients can fetch themselves.',
      at: ['2025-03-26..2026-07-28 server/resources#https.1-2'],
      reason: 'It is the choice of who writes the handler.',
    },
    {
      level: 'MUST',
      text: 'Checks every URI it is given.',
      at: ['2025-03-26..2026-07-28 server/resources#security-considerations.1'],
      tests: [
        'e2e/resources/read.spec.ts: refuses the uri %j',
        'e2e/resources/templates.spec.ts: have nothing for %s',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Controls who may read what, before anything is read.',
      at: ['2025-03-26..2026-07-28 server/resources#security-considerations.2,4'],
      tests: [
        'e2e/registry/decorated-pipeline.spec.ts: %s is for those whom the guard lets in',
        'e2e/lists/visibility.spec.ts: is answered by %s as a name nobody has (%s)',
      ],
    },
    {
      level: 'MUST',
      text: 'Encodes bytes.',
      at: ['2025-03-26..2026-07-28 server/resources#security-considerations.3'],
      tests: ['e2e/resources/read.spec.ts: sends bytes as base64, and of a view only what it shows'],
    },
    {
      level: 'MUST',
      text: 'Publishes URIs that are URIs.',
      at: ['2025-06-18..2026-07-28 server/resources#custom-uri-schemes.1'],
      tests: [
        'e2e/registry/boot-errors.spec.ts: on a resource: %s',
        'e2e/transport/wire.spec.ts: does not let %j be answered by %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Lists what the caller may read now.',
      at: ['2026-07-28 server/resources#capabilities.2'],
      tests: [
        'e2e/lists/visibility.spec.ts: is missing from %s',
        'e2e/lists/list-resolver.spec.ts: gives each caller pages of their own',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Lists the same whatever was asked before, on whichever connection.',
      at: ['2026-07-28 server/resources#capabilities.3'],
      tests: ['e2e/lists/pages.spec.ts: %s gives every entry once, in order, whichever instance answers'],
    },
    {
      level: 'SHOULD',
      text: 'Answers failures with the codes of JSON-RPC.',
      at: ['2025-03-26..2025-11-25 server/resources#error-handling.1'],
      tests: [
        'e2e/resources/read.spec.ts: answers %s as a resource that is not there',
        'e2e/resources/read.spec.ts: hides why a handler failed',
      ],
    },
    {
      level: 'MUST',
      text: 'Answers -32602 for what is not there.',
      at: ['2026-07-28 server/resources#error-handling.1'],
      tests: ['e2e/resources/read.spec.ts: answers %s as a resource that is not there'],
    },
    {
      level: 'SHOULD',
      text: 'Answers -32603 for failures of its own.',
      at: ['2026-07-28 server/resources#error-handling.2'],
      tests: ['e2e/resources/read.spec.ts: hides why a handler failed'],
    },
    {
      level: 'MUST NOT',
      text: 'Tells a resource that is empty from one that is not there.',
      at: ['2026-07-28 server/resources#error-handling.4'],
      tests: ['e2e/resources/read.spec.ts: tells empty from missing'],
    },
    {
      level: 'MUST',
      text: 'Lets no path lead out of a folder.',
      at: ['2026-07-28 server/resources#security-considerations.5'],
      reason: 'It is the choice of who writes the handler. The library opens no files.',
    },
  ],
  others: [{ reason: 'It binds clients.', at: ['2026-07-28 server/resources#error-handling.3'] }],
};
