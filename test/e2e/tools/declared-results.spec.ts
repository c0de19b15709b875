import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { of } from 'rxjs';
import { McpModule, McpTool, toolResult } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { ERAS, listTools, MemoryLogger, resultOf } from '../nest/calls.js';

const text = z.object({ type: z.literal('text'), text: z.string() });
const object = { type: 'object' };

const DECLARED = {
  string: [z.string(), () => 'three'],
  trimmed: [z.string().trim(), () => ' three '],
  rawString: [{ type: 'string' }, () => 'three'],
  nullable: [z.object({ a: z.number() }).nullable(), () => null],
  nullish: [z.object({ a: z.number() }).nullish(), () => undefined],
  block: [text, () => ({ type: 'text', text: 'a' })],
  blocks: [z.array(text), () => [{ type: 'text', text: 'a' }]],
  page: [z.object({ content: z.array(z.string()) }), () => ({ content: [] })],
  rawPage: [object, () => ({ content: [], isError: true })],
  structure: [object, () => ({ structuredContent: { a: 1 } })],
} as const;

const EXPECTED: Record<keyof typeof DECLARED, unknown> = {
  string: 'three',
  trimmed: 'three',
  rawString: 'three',
  nullable: null,
  nullish: null,
  block: { type: 'text', text: 'a' },
  blocks: [{ type: 'text', text: 'a' }],
  page: { content: [] },
  rawPage: { content: [], isError: true },
  structure: { structuredContent: { a: 1 } },
};

class Hidden {
  readonly #secret = 1;

  get secret() {
    return this.#secret;
  }
}

const UNFAITHFUL: Record<string, () => unknown> = {
  *generator() {
    yield 1;
  },
  async *asyncGenerator() {
    yield 1;
  },
  iterator: () => [1].values(),
  ownIterator: () => ({ next: () => ({ done: true, value: 1 }) }),
  response: () => new Response('x'),
  readable: () => Readable.from(['x']),
  webStream: () => new Blob(['x']).stream(),
  observable: () => ({ items: of(1) }),
  instance: () => new Hidden(),
  error: () => ({ error: new Error('x') }),
  promise: () => ({ later: Promise.resolve(1) }),
  pattern: () => [/x/],
  bytes: () => ({ data: new Uint8Array(4) }),
  buffer: () => new ArrayBuffer(4),
  weakMap: () => new WeakMap(),
  notANumber: () => ({ ratio: NaN }),
  infinity: () => [Infinity],
  invalidDate: () => new Date(NaN),
  mapOfNumbers: () => new Map([[1, 'a']]),
  functions: () => [() => 1],
};

const FAITHFUL: Record<string, [() => unknown, unknown]> = {
  set: [() => new Set([1, 2]), [1, 2]],
  map: [() => new Map<string, unknown>([['a', new Set(['b'])]]), { a: ['b'] }],
  nested: [
    () => ({ tags: new Set(['x']), at: new Date(0) }),
    { tags: ['x'], at: '1970-01-01T00:00:00.000Z' },
  ],
  methods: [() => ({ a: 1, run: () => 1, none: undefined }), { a: 1 }],
  bare: [() => Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  empty: [() => ({}), {}],
  boxed: [() => ({ n: Object(5) }), { n: 5 }],
  lastOfSeveral: [() => of({ a: 1 }, { a: 2 }), { a: 2 }],
};

@Injectable()
class Tools {
  @McpTool() give({ kind }: { kind: string }) {
    return UNFAITHFUL[kind]?.() ?? FAITHFUL[kind]?.[0]();
  }

  @McpTool() structureOnly() {
    return { structuredContent: { a: 1 } };
  }

  @McpTool() list() {
    return { content: [], structuredContent: [1] };
  }

  @McpTool({ output: z.object({ a: z.number() }).optional() }) nothing() {}

  @McpTool({ output: object }) failed() {
    return toolResult({ content: [{ type: 'text', text: 'sold out' }], isError: true });
  }

  @McpTool({ output: object }) copied() {
    return { ...toolResult({ structuredContent: { a: 1 } }), _meta: { 'example.com/trace': 1 } };
  }
}
for (const [name, [output, give]] of Object.entries(DECLARED)) {
  const descriptor = { value: () => give(), configurable: true };
  Object.defineProperty(Tools.prototype, name, descriptor);
  McpTool({ name, input: { type: 'object' }, output })(Tools.prototype, name, descriptor);
}

describe.each(PLATFORMS)('on %s', (platform) => {
  const logger = new MemoryLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot({ logger })], providers: [Tools] });
  });
  afterAll(() => app.close());
  beforeEach(() => void logger.lines.splice(0));

  describe.each(ERAS)('in the %s era', (era) => {
    const give = (kind: string) => resultOf(app, 'give', { era, args: { kind } });

    it.each(Object.keys(DECLARED))(
      'a value that fits its output schema is sent as it is: %s',
      async (name) => {
        const value = EXPECTED[name as keyof typeof DECLARED];
        const result = await resultOf(app, name, { era });
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        expect(result.isError).toBeUndefined();
        expect(result.content).toEqual([
          { type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) },
        ]);
        if (era === 'modern' || isObject) expect(result.structuredContent).toEqual(value);
        else expect(result).not.toHaveProperty('structuredContent');
        const { outputSchema } = (await listTools(app, era)).find((tool) => tool.name === name);
        if (era === 'legacy') expect(outputSchema?.type ?? 'object').toBe('object');
        else expect(outputSchema).toBeDefined();
      },
    );

    it('nothing where a client waits for a structure is an error', async () => {
      const result = await resultOf(app, 'nothing', { era });
      expect(result.isError).toBe(true);
      expect(result.content[0].text).toContain('Tool nothing');
      expect(logger.of('error').join()).toContain('nothing was returned');
    });

    it('a full result that is marked is one, whatever the schema takes', async () => {
      expect(await resultOf(app, 'failed', { era })).toMatchObject({
        content: [{ type: 'text', text: 'sold out' }],
        isError: true,
      });
      expect(await resultOf(app, 'copied', { era })).toMatchObject({
        content: [{ type: 'text', text: '{"a":1}' }],
        structuredContent: { a: 1 },
        _meta: { 'example.com/trace': 1 },
      });
    });

    it('a structure without content is sent as text too', async () => {
      expect(await resultOf(app, 'structureOnly', { era })).toMatchObject({
        content: [{ type: 'text', text: '{"a":1}' }],
        structuredContent: { a: 1 },
      });
    });

    it('a structure that older clients do not know reaches them as text', async () => {
      const { content } = await resultOf(app, 'list', { era });
      expect(content).toEqual(era === 'legacy' ? [{ type: 'text', text: '[1]' }] : []);
    });

    it.each(Object.keys(UNFAITHFUL))(
      'what JSON cannot hold is an error that names the tool: %s',
      async (kind) => {
        const result = await give(kind);
        expect(result.isError).toBe(true);
        expect(result).not.toHaveProperty('structuredContent');
        expect(result.content[0].text).toMatch(/^Tool give returned a value that JSON cannot hold/);
        expect(logger.of('error')).toHaveLength(1);
      },
    );

    it.each(Object.keys(FAITHFUL))('what JSON can hold is sent: %s', async (kind) => {
      const result = await give(kind);
      expect(result.isError).toBeUndefined();
      expect(JSON.parse(result.content[0].text)).toEqual(FAITHFUL[kind]?.[1]);
    });
  });
});

describe('toolResult()', () => {
  it.each([undefined, 'text', { content: 'text' }, { content: [{ type: 'text' }] }])(
    'refuses %j',
    (given) => {
      expect(() => toolResult(given as never)).toThrow('toolResult() takes');
    },
  );
});
