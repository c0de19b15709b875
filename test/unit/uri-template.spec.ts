import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_URI_LENGTH } from '../../lib/protocol/normal-uri.js';
import { createCutter, toCodes } from '../../lib/protocol/uri-template-match.js';
import { parseUriTemplate } from '../../lib/protocol/uri-template-parts.js';
import { UriTemplate } from '../../lib/protocol/uri-template.js';

const match = (template: string, uri: string) => new UriTemplate(template, 'Test.method').match(uri);

describe('a URI template', () => {
  it.each([
    ['x://{a}', 'x://1', { a: '1' }],
    ['x://{a}', 'x://a%20b%2Fc', { a: 'a b/c' }],
    ['x://{a}', 'x://jane@example.com', { a: 'jane@example.com' }],
    ['x://{a}/{b}', 'x://1/2', { a: '1', b: '2' }],
    ['x://{a,b}', 'x://1,2', { a: '1', b: '2' }],
    ['x://{a}-{b}', 'x://1-2-3', { a: '1', b: '2-3' }],
    ['x://{+path}', 'x://a/b?c#d', { path: 'a/b?c#d' }],
    ['x://{+path}/{file}', 'x://a/b/c', { path: 'a/b', file: 'c' }],
    ['x://{+path}.{ext}', 'x://a/b.md', { path: 'a/b', ext: 'md' }],
    ['x://d{/a,b}', 'x://d', {}],
    ['x://d{/a,b}', 'x://d/1', { a: '1' }],
    ['x://d{/a,b}', 'x://d/1/2', { a: '1', b: '2' }],
    ['x://{a}{.ext}', 'x://v1.2.tar', { a: 'v1.2', ext: 'tar' }],
    ['x://{a}{.ext}', 'x://plain', { a: 'plain' }],
    ['x://{a}{;v}', 'x://1;v=2', { a: '1', v: '2' }],
    ['x://{a}{#part}', 'x://1#two/3', { a: '1', part: 'two/3' }],
    ['x://{a}{?q,n}', 'x://1', { a: '1' }],
    ['x://{a}{?q,n}', 'x://1?n=2&q=%26', { a: '1', n: '2', q: '&' }],
    ['x://{a}{?q}', 'x://1?q=', { a: '1', q: '' }],
    ['x://{a}{?q}{&n}{#f}', 'x://1?n=2#3', { a: '1', n: '2', f: '3' }],
    ['x://{a}?v=1{&n}', 'x://1?v=1&n=2', { a: '1', n: '2' }],
    ['x://{+path}{?q}', 'x://a/b?q=1', { path: 'a/b', q: '1' }],
    ['x://{__proto__}', 'x://1', JSON.parse('{"__proto__":"1"}')],
    ['x://é/{a}', 'x://é/ü', { a: 'ü' }],
  ])('%s finds in %s %j', (template, uri, expected) => {
    expect(match(template, uri)).toEqual(expected);
  });

  it.each([
    ['x://{a}', 'x://'],
    ['x://{a}', 'x://1/2'],
    ['x://{a}', 'x://1?q=2'],
    ['x://{a}', 'y://1'],
    ['x://{a}/b', 'x://1/b/b'],
    ['x://{a}', 'x://%'],
    ['x://{a}', 'x://%ff'],
    ['x://d{/a}', 'x://d/'],
    ['x://{a}{?q}', 'x://1?other=1'],
    ['x://{a}{?q}', 'x://1?q=1&q=2'],
    ['x://{a}{?q}', 'x://1?'],
    ['x://{+a}', `x://${'a'.repeat(MAX_URI_LENGTH)}`],
  ])('%s finds nothing in %.40s', (template, uri) => {
    expect(match(template, uri)).toBeUndefined();
  });

  it.each([
    ['x://{a', 'has a "{" without a "}"'],
    ['x://a}', 'has a "}" without a "{"'],
    ['x://{}', 'has no valid variable name in {}'],
    ['x://{a b}', 'has no valid variable name in {a b}'],
    ['x://{=a}', 'uses the unknown operator "=" in {=a}'],
    ['x://{a*}', 'uses a modifier in {a*}'],
    ['x://{a:3}', 'uses a modifier in {a:3}'],
    ['x://{a}{b}', 'has two variables with nothing between them'],
    ['x://{a}/{a}', 'names the variable "a" twice'],
    ['x://a', 'has no variable'],
    [`x://{a}${'b'.repeat(2048)}`, 'is longer than 2048 characters'],
  ])('%.20s is refused with the reason', (template, reason) => {
    expect(() => new UriTemplate(template, 'Test.method')).toThrow(
      `Test.method: the URI template "${template}" ${reason}`,
    );
  });
});

const name = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' });

describe('any template', () => {
  it('gives back the values a URI was made of', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, value), { minLength: 1, selector: ([key]) => key }),
        (pairs) => {
          const template = `x://h/${pairs.map(([key]) => `{${key}}`).join('/')}`;
          const uri = `x://h/${pairs.map(([, text]) => encodeURIComponent(text)).join('/')}`;
          expect(match(template, uri)).toEqual(Object.fromEntries(pairs));
        },
      ),
    );
  });

  it('never throws, and finds only what it was asked for', () => {
    const part = fc.constantFrom(
      '{a}',
      '{+b}',
      '{/c}',
      '{?d,e}',
      '{#f}',
      '{.g}',
      '/',
      '-',
      'aa',
      '?x=1',
      '%',
    );
    const hostile = fc.string({
      maxLength: 60,
      unit: fc.constantFrom('a', '/', '?', '#', '%', '2', '=', '&', '.', 'é', '\0'),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), hostile, (parts, rest) => {
        let template: UriTemplate;
        try {
          template = new UriTemplate(`x:${parts.join('')}`, 'Test.method');
        } catch (error) {
          expect((error as Error).name).toBe('McpConfigurationError');
          return;
        }
        const found = template.match(`x:${rest}`);
        expect(Object.keys(found ?? {}).every((key) => template.variables.includes(key))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a hostile URI', () => {
  const TEMPLATES = [
    'x:{a}',
    'x:{+a}/{+b}/{+c}/{+d}/end',
    'x:{+a}a{+b}a{+c}a{+d}!',
    'x:{a}aaaaaaaa{b}aaaaaaaa{c}!',
    'x:{/a,b,c}{.d}{?e,f}{&g}{#h}',
    'x:{a,b,c,d}',
    'x:{a}{;b,c}{?d}',
  ];
  const UNITS = ['a', '/', 'a/', 'aaaaaaaaa/', '%', '%61', ',', '?e=', '&e=1', ';b=', '#', '.', 'é'];

  /** How many characters are looked at, each as often as it is. */
  function cost(template: string, uri: string): number {
    let steps = 0;
    const codes = new Proxy(toCodes(uri), {
      get(target, key) {
        if (key !== 'length') steps++;
        return Reflect.get(target, key) as unknown;
      },
    });
    const parts = parseUriTemplate(template, (problem) => {
      throw new Error(problem);
    });
    createCutter(parts)(codes);
    return steps;
  }

  it.each(TEMPLATES)('costs %s steps in proportion to its length', (template) => {
    for (const unit of UNITS) {
      const long = `x:${unit.repeat(Math.floor(8_000 / unit.length))}`;
      const short = long.slice(0, long.length / 10);
      // Ten times the length: quadratic work would be a hundred times as much.
      expect(cost(template, long)).toBeLessThan(12 * cost(template, short) + 100);
      expect(cost(template, long)).toBeLessThan(4 * template.length * long.length);
    }
  });
});
