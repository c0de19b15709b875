import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  checkMirroredParameters,
  checkStandardHeaders,
  decodeHeaderValue,
  readHeader,
  type MirroredParameter,
} from '../../../lib/protocol/mcp-headers.js';

const encode = (value: string) => `=?base64?${Buffer.from(value).toString('base64')}?=`;

describe('decodeHeaderValue', () => {
  it.each(['', 'us-west1', 'SGVsbG8=', '=?base64?SGVsbG8=', 'SGVsbG8=?=', '=?BASE64?SGVsbG8=?=', 'a\tb'])(
    'gives %j back as it is',
    (value) => expect(decodeHeaderValue(value)).toBe(value),
  );

  it.each([
    ['=?base64?SGVsbG8=?=', 'Hello'],
    ['=?base64??=', ''],
    ['=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=', '=?base64?literal?='],
    ['=?base64?77u/YQ==?=', '\ufeffa'],
  ])('decodes %s', (value, decoded) => expect(decodeHeaderValue(value)).toBe(decoded));

  it.each([
    '=?base64?SGVsbG8?=',
    '=?base64?SGVs!!!bG8=?=',
    '=?base64?/w==?=',
    '=?base64?SGVs bG8=?=',
    'für',
    'a\u007f',
  ])('refuses %j', (value) => expect(decodeHeaderValue(value)).toBeUndefined());

  it('undoes what a client encodes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) =>
        expect(decodeHeaderValue(encode(value))).toBe(value),
      ),
    );
  });
});

describe('checkStandardHeaders', () => {
  const check = (headers: object, method: string, params?: object) =>
    checkStandardHeaders(headers as Record<string, string>, {
      jsonrpc: '2.0',
      id: 1,
      method,
      ...(params && { params: params as Record<string, unknown> }),
    })?.code;

  it.each<[object, string, object | undefined]>([
    [{ 'mcp-method': 'tools/list' }, 'tools/list', undefined],
    [{ 'mcp-method': 'tools/call', 'mcp-name': 'x' }, 'tools/call', { name: 'x' }],
    [{ 'mcp-method': 'tools/call', 'mcp-name': encode('x') }, 'tools/call', { name: 'x' }],
    [{ 'mcp-method': 'tools/call' }, 'tools/call', { name: 1 }],
    [{ 'mcp-method': 'resources/read', 'mcp-name': 'file:///x' }, 'resources/read', { uri: 'file:///x' }],
    [{ 'mcp-method': 'constructor' }, 'constructor', { 'function Object() { [native code] }': 'x' }],
    [{ 'mcp-method': '__proto__' }, '__proto__', { '[object Object]': 'x' }],
  ])('takes %j for %s %j', (headers, method, params) =>
    expect(check(headers, method, params)).toBeUndefined(),
  );

  it.each<[object, string, object | undefined]>([
    [{}, 'tools/list', undefined],
    [{ 'mcp-method': ['tools/list'] }, 'tools/list', undefined],
    [{ 'mcp-method': 'Tools/list' }, 'tools/list', undefined],
    [{ 'mcp-method': 'tools/call' }, 'tools/call', { name: 'x' }],
    [{ 'mcp-method': 'tools/call', 'mcp-name': 'y' }, 'tools/call', { name: 'x' }],
    [{ 'mcp-method': 'prompts/get', 'mcp-name': '=?base64?x?=' }, 'prompts/get', { name: '=?base64?x?=' }],
  ])('refuses %j for %s %j', (headers, method, params) =>
    expect(check(headers, method, params)).toBe(-32020),
  );
});

describe('checkMirroredParameters', () => {
  const parameter = (type: MirroredParameter['type'], ...path: string[]): MirroredParameter[] => [
    { header: 'mcp-param-p', path, type },
  ];
  const check = (type: MirroredParameter['type'], header: string | undefined, value: unknown) =>
    checkMirroredParameters(header === undefined ? {} : { 'mcp-param-p': header }, parameter(type, 'p'), {
      p: value,
    })?.code;

  it('compares integers as numbers', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 4 }), (value, zeros) => {
        const header = zeros === 0 ? String(value) : `${value}.${'0'.repeat(zeros)}`;
        expect(check('integer', header, value)).toBeUndefined();
        expect(check('integer', header, value === 0 ? 1 : -value)).toBe(-32020);
      }),
    );
  });

  it.each([
    ['9007199254740993', 9007199254740992],
    ['9007199254740992', 9007199254740992],
    ['-9007199254740993', -9007199254740992],
  ])('takes no integer that may stand for another: %s', (header, value) => {
    expect(check('integer', header, value)).toBe(-32020);
  });

  it('compares strings as they are, encoded or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        expect(check('string', encode(value), value)).toBeUndefined();
        expect(check('string', encode(`${value}x`), value)).toBe(-32020);
      }),
    );
  });

  it.each([null, undefined])('expects no header for %s', (value) => {
    expect(check('string', undefined, value)).toBeUndefined();
    expect(check('string', 'x', value)).toBe(-32020);
  });

  it.each<[unknown]>([[{ toString: 1, valueOf: 1 }], [[]], [['x']], [{}]])('never compares %j', (value) => {
    for (const type of ['string', 'integer', 'boolean'] as const)
      expect(check(type, 'x', value)).toBe(-32020);
  });

  it('reads own properties along the path only', () => {
    const at = (args: unknown) =>
      checkMirroredParameters({}, parameter('string', 'a', 'toString'), args)?.code;
    for (const args of [undefined, null, 1, 'x', {}, { a: 1 }, { a: {} }, []])
      expect(at(args)).toBeUndefined();
    expect(at({ a: { toString: 'x' } })).toBe(-32020);
  });
});

describe('readHeader', () => {
  it('gives one value or none', () => {
    const headers = { one: '1', many: ['1', '2'] };
    expect(['one', 'many', 'none'].map((name) => readHeader(headers, name))).toEqual([
      '1',
      undefined,
      undefined,
    ]);
  });
});
