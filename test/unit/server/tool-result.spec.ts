import { describe, expect, it } from '@jest/globals';
import { describeIssues, toToolResult, withStructure } from '../../../lib/results/tool-result.js';
import { UnsendableError } from '../../../lib/results/faithful-json.js';

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });

describe('toToolResult', () => {
  it.each([
    [{ type: 'text', text: 5 }],
    [{ type: 'image', data: 'AA' }],
    [{ type: 'resource', resource: 'file:///a' }],
    [{ type: 'resource_link', uri: 'file:///a' }],
    [{ type: 'toString' }],
    [{ content: [{ type: 'text', text: 'a' }], more: 1 }],
    [{ content: ['a'] }],
    [[{ type: 'text', text: 'a' }, 'b']],
  ])('takes %j for a value, as it is not quite content', (value) => {
    expect(toToolResult(value)).toEqual({ ...text(JSON.stringify(value)), structuredContent: value });
  });

  it('takes an empty content list for a full result', () => {
    expect(toToolResult({ content: [] })).toEqual({ content: [] });
  });

  it('leaves what the handler returned unchanged', () => {
    const value = Object.freeze({
      content: [],
      structuredContent: Object.freeze({ at: new Date(0) }),
      isError: true,
    });
    expect(toToolResult(value)).toEqual({ content: [], isError: true });
    expect(value.structuredContent.at).toEqual(new Date(0));
  });

  it('keeps structured content that is null or false', () => {
    expect(toToolResult({ content: [], structuredContent: null })).toEqual({
      content: [],
      structuredContent: null,
    });
    expect(toToolResult(false)).toEqual({ ...text('false'), structuredContent: false });
  });

  it.each([[1n], [() => {}], [Symbol('s')], [{ toJSON: () => undefined }]])(
    'refuses %p with its reason',
    (value) => {
      let error: any;
      try {
        toToolResult(value);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(UnsendableError);
      expect(error.cause.message).toMatch(/BigInt|It is a/);
    },
  );
});

describe('withStructure', () => {
  const result = { content: [{ type: 'text', text: '{"a":1}' }], structuredContent: { a: 1 } } as const;

  it('is the same result when the value is the same', () => {
    expect(withStructure(result, result.structuredContent)).toBe(result);
    expect(withStructure(result, { a: 1 })).toBe(result);
  });

  it('replaces the structure and the text that says the same', () => {
    const other = { type: 'text', text: 'one' } as const;
    const replaced = withStructure(
      { ...result, content: [...result.content, other] },
      { a: 2, at: new Date(0) },
    );
    const json = '{"a":2,"at":"1970-01-01T00:00:00.000Z"}';
    expect(replaced).toEqual({
      content: [{ type: 'text', text: json }, other],
      structuredContent: JSON.parse(json),
    });
  });
});

describe('describeIssues', () => {
  it('names paths, and leaves out that of the root', () => {
    const issues = [
      { path: 'a.0', message: 'is required' },
      { path: '', message: 'must be an object' },
    ];
    expect(describeIssues(issues)).toBe('Invalid arguments:\n- a.0: is required\n- must be an object');
  });
});
