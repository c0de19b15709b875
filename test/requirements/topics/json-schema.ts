import type { Topic } from '../requirement.js';

export const JSON_SCHEMA: Topic = {
  title: 'JSON Schema',
  requirements: [
    {
      level: 'MUST',
      text: 'Validates JSON Schema 2020-12, also where a schema names no dialect.',
      at: [
        '2025-11-25..2026-07-28 basic/index#implementation-requirements.1',
        '2025-11-25..2026-07-28 basic/index#schema-dialect.1',
      ],
      tests: [
        'unit/schema/properties.spec.ts: gets the verdict of Ajv from a raw JSON Schema',
        'unit/schema/json-schema.spec.ts: follows conditions and anchors',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Documents which dialects it validates.',
      at: [
        '2025-11-25..2026-07-28 basic/index#implementation-requirements.4',
        '2025-11-25..2026-07-28 basic/index#schema-dialect.2',
      ],
      tests: ['requirements/requirements.spec.ts: names the dialects of JSON Schema that it validates'],
    },
    {
      level: 'SHOULD',
      text: 'Publishes 2020-12 for what authors describe in other ways.',
      at: ['2025-11-25..2026-07-28 basic/index#schema-dialect.3'],
      tests: ['unit/schema/standard-schema.spec.ts: publishes what a client sends'],
    },
    {
      level: 'MUST',
      text: 'Validates by the dialect that a schema declares.',
      at: ['2025-11-25..2026-07-28 basic/index#implementation-requirements.2'],
      tests: ['unit/schema/json-schema.spec.ts: validates by draft-07 where the document says so'],
    },
    {
      level: 'MUST',
      text: 'Says which dialect it does not support rather than guessing.',
      at: ['2025-11-25..2026-07-28 basic/index#implementation-requirements.3'],
      tests: [
        'unit/schema/json-schema.spec.ts: refuses %s',
        'e2e/nest/boot-errors.spec.ts: fails at boot, naming the method: %s',
      ],
    },
    {
      level: 'MUST',
      text: 'Publishes valid schemas only.',
      at: ['2025-11-25..2026-07-28 basic/index#schema-validation.1'],
      tests: ['unit/schema/json-schema.spec.ts: refuses %s'],
    },
    {
      level: 'MUST NOT',
      text: 'Fetches no schema from a network.',
      at: ['2026-07-28 basic/index#ref-resolution.1'],
      tests: [
        'unit/schema/json-schema.spec.ts: refuses %s',
        'e2e/nest/boot-errors.spec.ts: fails at boot, naming the method: %s',
      ],
    },
    {
      level: 'MUST',
      text: 'Leaves fetching of schemas off unless asked, with limits.',
      at: ['2026-07-28 basic/index#ref-resolution.2-3'],
      reason: 'There is no such mode.',
    },
    {
      level: 'SHOULD',
      text: 'Refuses a schema whose references lead out of it.',
      at: ['2026-07-28 basic/index#ref-resolution.4'],
      tests: ['unit/schema/json-schema.spec.ts: refuses %s'],
    },
    {
      level: 'SHOULD',
      text: 'Bounds the size of schemas, and what validating costs.',
      at: ['2026-07-28 basic/index#composition-keyword-resource-use.1'],
      tests: [
        'unit/schema/json-schema.spec.ts: refuses a document beyond 64 levels, a circular one included',
        'unit/schema/json-schema.spec.ts: refuses a document of more than 10 000 subschemas',
        'unit/schema/json-schema.spec.ts: refuses a value nested beyond what the stack holds',
      ],
    },
  ],
  others: [],
};
