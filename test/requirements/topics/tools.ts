import type { Topic } from '../requirement.js';

export const TOOLS: Topic = {
  title: 'Tools',
  requirements: [
    {
      level: 'MUST',
      text: 'Declares that it has tools.',
      at: ['2025-03-26..2026-07-28 server/tools#capabilities.1'],
      tests: [
        'e2e/lists/hints.spec.ts: name what there is, and no announcement that nobody would deliver',
        'e2e/lists/hints.spec.ts: follow what is added, and stay when it is removed',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Tells when the list changes.',
      at: ['2025-03-26..2026-07-28 server/tools#list-changed-notification.1'],
      tests: [
        'e2e/sessions/announcements.spec.ts: of a changed list reaches every listening session of its server once, and no other',
        'e2e/subscriptions/listening.spec.ts: tells of every change that was asked for, in order, once each and tagged',
      ],
    },
    {
      level: 'MUST',
      text: 'Checks what tools are given.',
      at: ['2025-03-26..2026-07-28 server/tools#security-considerations.1'],
      tests: [
        'e2e/tools/json-schema.spec.ts: refuses %j',
        'e2e/tools/dto.spec.ts: refuses what does not fit, naming each path, without running',
      ],
    },
    {
      level: 'MUST',
      text: 'Controls who may call what.',
      at: ['2025-03-26..2026-07-28 server/tools#security-considerations.1'],
      tests: [
        'e2e/nest/guards.spec.ts: keep a call from the handler and tell the client why',
        'e2e/lists/visibility.spec.ts: is answered by %s as a name nobody has (%s)',
      ],
    },
    {
      level: 'MUST',
      text: 'Lets a guard limit how often tools are called.',
      at: ['2025-03-26..2026-07-28 server/tools#security-considerations.1'],
      tests: [
        'e2e/auth/throttling.spec.ts: limits calls of a tool per caller and tool, for a %s client',
        'e2e/auth/throttling.spec.ts: limits calls of a session as well',
      ],
    },
    {
      level: 'MUST',
      text: 'Lets nothing internal out with what tools say.',
      at: ['2025-03-26..2026-07-28 server/tools#security-considerations.1'],
      tests: [
        'e2e/tools/errors.spec.ts: reaches the client as a reference into the log, nothing else: %s %s',
        'e2e/tools/output-schema.spec.ts: makes a logged tool error of a value that does not fit: %s, %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Has resources where tools embed them.',
      at: ['2025-06-18..2026-07-28 server/tools#embedded-resources.1'],
      reason: 'It is the choice of who writes the handler.',
    },
    {
      level: 'SHOULD',
      text: 'Sends structured content as text too.',
      at: ['2025-06-18..2026-07-28 server/tools#structured-content.1'],
      tests: ['e2e/tools/results.spec.ts: %s is structured content and its JSON'],
    },
    {
      level: 'MUST',
      text: 'Sends structured content that fits its schema.',
      at: ['2025-06-18..2026-07-28 server/tools#output-schema.1'],
      tests: [
        'e2e/tools/output-schema.spec.ts: answers with a value that fits: %s',
        'e2e/tools/output-schema.spec.ts: makes a logged tool error of a value that does not fit: %s, %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Gives every tool a schema of its input, which is an object.',
      at: ['2025-11-25..2026-07-28 server/tools#tool.1'],
      tests: [
        'e2e/nest/boot-errors.spec.ts: fails at boot, naming the method: %s',
        'e2e/tools/json-schema.spec.ts: takes nothing when it has no parameter',
        'unit/schema/tool-input.spec.ts: is refused, naming the branch: %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Names tools with 1 to 128 of the characters that are allowed.',
      at: ['2025-11-25..2026-07-28 server/tools#tool-names.1,3-4'],
      tests: [
        'e2e/nest/boot-errors.spec.ts: fails at boot, naming the method: %s',
        'e2e/tools/names.spec.ts: tell upper case from lower case',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Tells upper case from lower case in names.',
      at: ['2025-11-25..2026-07-28 server/tools#tool-names.2'],
      tests: ['e2e/tools/names.spec.ts: tell upper case from lower case'],
    },
    {
      level: 'SHOULD',
      text: 'Has no two tools of one name.',
      at: ['2025-11-25..2026-07-28 server/tools#tool-names.5'],
      tests: [
        'e2e/nest/boot-errors.spec.ts: fails at boot when two tools share a name, naming both',
        'e2e/registry/dynamic.spec.ts: refuses what is taken or cannot work, naming the call',
      ],
    },
    {
      level: 'MUST',
      text: 'Lists what the caller may use now.',
      at: ['2026-07-28 server/tools#capabilities.2'],
      tests: [
        'e2e/lists/visibility.spec.ts: is missing from %s',
        'e2e/lists/list-resolver.spec.ts: gives each caller pages of their own',
        'e2e/registry/dynamic.spec.ts: adds, replaces and removes tools',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Lists the same whatever was asked before, on whichever connection.',
      at: ['2026-07-28 server/tools#capabilities.3'],
      tests: [
        'e2e/lists/pages.spec.ts: %s gives every entry once, in order, whichever instance answers',
        'e2e/tools/names.spec.ts: are listed in the same order every time, also after one has come and gone',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Lists in the same order every time.',
      at: ['2026-07-28 server/tools#capabilities.4'],
      tests: [
        'e2e/tools/names.spec.ts: are listed in the same order every time, also after one has come and gone',
        'e2e/lists/pages.spec.ts: %s gives every entry once, in order, whichever instance answers',
        'unit/registry.spec.ts: has the same order whatever the order of registration was',
      ],
    },
  ],
  others: [
    {
      reason: 'It binds clients and who connects them.',
      at: [
        '2025-11-25..2026-07-28 server/tools#error-handling.1',
        '2026-07-28 server/tools#input-required-tool-results.1',
        '2025-06-18..2026-07-28 server/tools#output-schema.2',
        '2025-03-26..2026-07-28 server/tools#security-considerations.2',
        '2025-03-26..2025-06-18 server/tools#tool.1',
        '2025-11-25..2026-07-28 server/tools#tool.2',
        '2026-07-28 server/tools#tool-names.6-7',
        '2025-03-26..2026-07-28 server/tools#user-interaction-model.2',
      ],
    },
    {
      reason: 'It binds applications that people look at.',
      at: ['2025-03-26..2026-07-28 server/tools#user-interaction-model.1'],
    },
  ],
};
