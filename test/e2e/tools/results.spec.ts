import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { ERAS, MemoryLogger, resultOf } from '../nest/calls.js';

class Money {
  constructor(private readonly cents: number) {}

  toJSON() {
    return { euros: this.cents / 100 };
  }
}

class Trip {
  readonly at = new Date('2026-01-02T03:04:05Z');
  readonly price = new Money(1250);
  readonly note = undefined;
  readonly #secret = 'hidden';

  get secret() {
    return this.#secret;
  }
}

const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };
const link = { type: 'resource_link', uri: 'file:///a', name: 'a' };
const embedded = { type: 'resource', resource: { uri: 'file:///a', text: 'A' } };
const circular: Record<string, unknown> = {};
circular['self'] = circular;

const RETURNED: Record<string, () => unknown> = {
  text: () => 'hello',
  emptyText: () => '',
  number: () => 42,
  boolean: () => false,
  nothing: () => undefined,
  null: () => null,
  block: () => image,
  blocks: () => [{ type: 'text', text: 'a', annotations: { audience: ['user'] } }, link, embedded],
  full: () => ({
    content: [{ type: 'text', text: 'a' }],
    structuredContent: { at: new Date(0) },
    _meta: { 'example.com/trace': 7 },
  }),
  failed: () => ({ content: [{ type: 'text', text: 'no' }], structuredContent: { a: 1 }, isError: true }),
  object: () => ({ a: 1, b: { c: [null] } }),
  instance: () => new Trip(),
  money: () => new Money(5),
  date: () => new Date(0),
  array: () => [1, { a: 2 }],
  emptyArray: () => [],
  typed: () => ({ type: 'text', label: 'not a block' }),
  contents: () => ({ content: 'of a page', title: 'Page' }),
  withNulls: () => [
    { ...link, title: null, size: 3, description: null, annotations: { audience: null, priority: 0.5 } },
    {
      type: 'resource',
      resource: { uri: new URL('file:///a'), mimeType: null, text: 'A', _meta: { a: null } },
    },
  ],
  fullWithNulls: () => ({ content: [{ type: 'text', text: 'a', _meta: null }], isError: null, _meta: null }),
  notEmbedded: () => ({ type: 'resource', resource: { uri: 'file:///a' } }),
  nowhere: () => [{ type: 'resource', resource: { text: 'A' } }],
  marked: () => ({ content: [image], isError: 'no' }),
  badMeta: () => ({ content: [image], _meta: 'x' }),
  buffer: () => Buffer.from('abc'),
  heldBuffer: () => ({ file: { bytes: Buffer.from('abc') } }),
  imageBuffer: () => ({ ...image, data: Buffer.from('abc') }),
  embeddedBuffer: () => ({ type: 'resource', resource: { uri: 'file:///a', blob: Buffer.from('abc') } }),
  blockNaN: () => ({ ...image, annotations: { priority: Number.NaN } }),
  fullNaN: () => ({ content: [{ ...image, annotations: { priority: Number.NaN } }] }),
  later: async () => 'later',
  bigint: () => ({ big: 1n }),
  circular: () => circular,
  function: () => () => 'x',
  symbol: () => Symbol('x'),
  hiddenBigint: () => ({ content: [], structuredContent: { big: 1n } }),
  metaBigint: () => ({ content: [], _meta: { big: 1n } }),
  thrower: () => ({
    toJSON() {
      throw new Error('db.internal');
    },
  }),
};

@Injectable()
class ResultTools {
  @McpTool()
  give(args: { kind: string }) {
    return RETURNED[args.kind]!();
  }
}

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });

describe('what a tool returns', () => {
  const logger = new MemoryLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot({ logger })], providers: [ResultTools] });
  });
  afterAll(() => app.close());
  beforeEach(() => void logger.lines.splice(0));

  describe.each(ERAS)('in the %s era', (era) => {
    const give = async (kind: string) => {
      const { resultType: _, _meta, ...result } = await resultOf(app, 'give', { era, args: { kind } });
      const { 'io.modelcontextprotocol/serverInfo': _info, ...meta } = _meta ?? {};
      return { ...result, ...(Object.keys(meta).length > 0 && { _meta: meta }) };
    };

    it.each([
      ['text', text('hello')],
      ['emptyText', text('')],
      ['nothing', { content: [] }],
      ['null', { content: [] }],
      ['later', text('later')],
      ['block', { content: [image] }],
      ['blocks', { content: RETURNED['blocks']!() }],
      ['failed', { ...text('no'), isError: true }],
      [
        'withNulls',
        {
          content: [
            { ...link, size: 3, annotations: { priority: 0.5 } },
            { type: 'resource', resource: { uri: 'file:///a', text: 'A', _meta: { a: null } } },
          ],
        },
      ],
      ['fullWithNulls', text('a')],
      [
        'full',
        {
          ...text('a'),
          structuredContent: { at: '1970-01-01T00:00:00.000Z' },
          _meta: { 'example.com/trace': 7 },
        },
      ],
    ])('%s is content', async (kind, expected) => {
      expect(await give(kind)).toEqual(expected);
    });

    it.each([
      ['object', { a: 1, b: { c: [null] } }],
      ['instance', { at: '2026-01-02T03:04:05.000Z', price: { euros: 12.5 } }],
      ['money', { euros: 0.05 }],
      ['typed', { type: 'text', label: 'not a block' }],
      ['contents', { content: 'of a page', title: 'Page' }],
      ['notEmbedded', { type: 'resource', resource: { uri: 'file:///a' } }],
      ['marked', { content: [image], isError: 'no' }],
      ['badMeta', { content: [image], _meta: 'x' }],
    ])('%s is structured content and its JSON', async (kind, expected) => {
      expect(await give(kind)).toEqual({ ...text(JSON.stringify(expected)), structuredContent: expected });
    });

    it.each([
      ['number', 42],
      ['boolean', false],
      ['date', '1970-01-01T00:00:00.000Z'],
      ['array', [1, { a: 2 }]],
      ['emptyArray', []],
      ['nowhere', [{ type: 'resource', resource: { text: 'A' } }]],
    ])('%s is structured content on modern and text on legacy', async (kind, expected) => {
      const structured = era === 'modern' && { structuredContent: expected };
      expect(await give(kind)).toEqual({ ...text(JSON.stringify(expected)), ...structured });
    });

    it.each([
      ...['bigint', 'circular', 'function', 'symbol', 'hiddenBigint', 'metaBigint', 'thrower'],
      ...['buffer', 'heldBuffer', 'imageBuffer', 'embeddedBuffer', 'blockNaN', 'fullNaN'],
    ])('%s is a tool error that says so, with its reason in the log', async (kind) => {
      const result = await give(kind);
      expect(result.isError).toBe(true);
      expect(Object.keys(result).toSorted()).toEqual(['content', 'isError']);
      const [{ text: message }] = result.content;
      const [, reference] = /^Tool give returned a value that JSON cannot hold \(reference (.+)\)$/.exec(
        message,
      )!;
      expect(logger.of('error')).toHaveLength(1);
      expect(logger.of('error')[0]).toContain(reference);
    });
  });
});
