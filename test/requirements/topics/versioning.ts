import type { Topic } from '../requirement.js';

export const VERSIONING: Topic = {
  title: 'Versioning and discovery of 2026-07-28',
  requirements: [
    {
      level: 'MUST',
      text: 'Implements server/discover.',
      at: ['2026-07-28 basic/versioning#protocol-version-negotiation.3', '2026-07-28 server/discover#.1'],
      tests: [
        'e2e/transport/versions.spec.ts: tells a modern client everything it serves',
        'e2e/lists/hints.spec.ts: go with %s %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Names itself and its version there.',
      at: ['2026-07-28 server/discover#discoverresult.1'],
      tests: ['e2e/transport/wire.spec.ts: judges the modern answer to %s %j'],
    },
    {
      level: 'MUST',
      text: 'Answers a version it does not serve with those it does.',
      at: ['2026-07-28 basic/versioning#protocol-version-negotiation.1'],
      tests: [
        'e2e/transport/versions.spec.ts: answers the unknown version %j with the versions it supports',
        'e2e/transport/versions.spec.ts: serves the configured versions only',
      ],
    },
    {
      level: 'MUST',
      text: 'Gives extensions names with a prefix.',
      at: ['2026-07-28 basic/versioning#extension-negotiation.1'],
      reason: 'It advertises none of its own.',
    },
    {
      level: 'MUST',
      text: 'Falls back to the core protocol where a client lacks an extension.',
      at: ['2026-07-28 basic/versioning#extension-negotiation.2'],
      reason: 'What it knows of extensions is metadata beside complete answers of the core protocol.',
    },
    {
      level: 'SHOULD',
      text: 'Names its versions when it is modern only and a legacy client greets it.',
      at: ['2026-07-28 basic/versioning#backward-compatibility-with-initialization-based-versions.2'],
      tests: [
        'e2e/transport/versions.spec.ts: names its versions to a legacy client if it serves none of them',
        'e2e/transport/official-clients.spec.ts: tells a legacy client of a modern-only server what it could speak',
      ],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2026-07-28 basic/versioning#backward-compatibility-with-initialization-based-versions.1',
        '2026-07-28 basic/versioning#compatibility-matrix.1',
        '2026-07-28 basic/versioning#protocol-version-negotiation.2',
        '2026-07-28 server/discover#discoverresult.2-3',
        '2026-07-28 server/discover#when-to-call.1',
      ],
    },
    {
      reason: 'It binds who writes extensions.',
      at: ['2026-07-28 basic/versioning#extension-negotiation.3'],
    },
  ],
};
