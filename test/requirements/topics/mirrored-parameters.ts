import type { Topic } from '../requirement.js';

export const MIRRORED_PARAMETERS: Topic = {
  title: 'Parameters in headers, of 2026-07-28',
  requirements: [
    {
      level: 'MUST NOT',
      text: 'Publishes no empty name, and none that is no token or has control characters.',
      at: [
        '2026-07-28 basic/transports/streamable-http#schema-extension.1-3',
        '2026-07-28 server/tools#x-mcp-header.1-3',
      ],
      tests: [
        'unit/schema/header-parameters.spec.ts: refuses a name %s',
        'e2e/nest/boot-errors.spec.ts: fails at boot, naming the method: %s',
      ],
    },
    {
      level: 'MUST',
      text: 'Publishes no name twice, whatever its case.',
      at: [
        '2026-07-28 basic/transports/streamable-http#schema-extension.4',
        '2026-07-28 server/tools#x-mcp-header.4',
      ],
      tests: ['unit/schema/header-parameters.spec.ts: refuses names that differ in case only'],
    },
    {
      level: 'MUST',
      text: 'Publishes names on texts, whole numbers and booleans only.',
      at: [
        '2026-07-28 basic/transports/streamable-http#schema-extension.5',
        '2026-07-28 server/tools#x-mcp-header.5',
      ],
      tests: ['unit/schema/header-parameters.spec.ts: refuses a name %s'],
    },
    {
      level: 'MUST',
      text: 'Takes whole numbers that JavaScript can hold exactly.',
      at: [
        '2026-07-28 basic/transports/streamable-http#schema-extension.6',
        '2026-07-28 server/tools#x-mcp-header.6',
      ],
      tests: [
        'unit/protocol/mcp-headers.spec.ts: takes no integer that may stand for another: %s',
        'unit/protocol/mcp-headers.spec.ts: compares integers as numbers',
      ],
    },
    {
      level: 'MUST',
      text: 'Publishes names only where properties alone lead.',
      at: [
        '2026-07-28 basic/transports/streamable-http#schema-extension.7-8',
        '2026-07-28 server/tools#x-mcp-header.7',
      ],
      tests: [
        'unit/schema/header-parameters.spec.ts: refuses an annotation %s',
        'unit/schema/header-parameters.spec.ts: collects annotated properties at any depth of properties',
      ],
    },
    {
      level: 'SHOULD NOT',
      text: 'Marks nothing that is secret.',
      at: ['2026-07-28 server/tools#x-mcp-header.11'],
      reason: 'It is the choice of who writes the handler.',
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2026-07-28 basic/transports/streamable-http#schema-extension.9-11',
        '2026-07-28 server/tools#x-mcp-header.8-10',
      ],
    },
  ],
};
