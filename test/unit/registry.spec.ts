import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UriTemplate } from '../../lib/protocol/uri-template.js';
import { Catalog } from '../../lib/registry/catalog.js';
import type { Entry, ResourceTemplateEntry } from '../../lib/registry/entries.js';
import { EntrySet } from '../../lib/registry/entry-set.js';

const invoke = async () => undefined;
const entry = (key: string, visible?: () => boolean): Entry => ({
  key,
  visible,
  access: { scopes: [], isPublic: false },
  timeoutMs: undefined,
  invoke,
});

describe('a set of entries', () => {
  it('has the same order whatever the order of registration was', () => {
    const keys = fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 20 });
    fc.assert(
      fc.property(keys, fc.infiniteStream(fc.nat()), (names, random) => {
        const [first, second] = [new EntrySet<Entry>(), new EntrySet<Entry>()];
        const shuffled = names.map((name) => [random.next().value as number, name] as const);
        for (const name of names) first.add(entry(name));
        for (const [, name] of shuffled.sort(([a], [b]) => a - b)) second.add(entry(name));
        const order = (set: EntrySet<Entry>) => set.sorted().map(({ key }) => key);
        expect(order(second)).toEqual(order(first));
        expect(order(first)).toEqual([...names].sort());
      }),
    );
  });

  it('has a new version after every change, and after nothing else', () => {
    const set = new EntrySet<Entry>();
    const versions = [set.version];
    const note = () => versions.push(set.version);
    expect(set.add(entry('a'))).toBe(true);
    note();
    set.put(entry('a'));
    note();
    expect(set.remove('a')).toBe(true);
    note();
    expect(new Set(versions).size).toBe(4);
    expect([set.remove('a'), set.version]).toEqual([false, versions.at(-1)]);
    set.add(entry('b'));
    const { version } = set;
    expect([set.add(entry('b')), set.version]).toEqual([false, version]);
    set.sorted();
    expect(set.version).toBe(version);
  });

  it('knows whether some entry is not for everybody', () => {
    const set = new EntrySet<Entry>();
    const visible = () => true;
    set.add(entry('open'));
    expect(set.isRestricted).toBe(false);
    set.put(entry('open', visible));
    set.add(entry('other', visible));
    set.add(entry('other'));
    set.put(entry('open'));
    expect(set.isRestricted).toBe(true);
    set.remove('other');
    set.remove('other');
    expect(set.isRestricted).toBe(false);
  });
});

describe('the templates of a catalog', () => {
  /** A template that counts how often it is asked. */
  function counted(text: string, asked: string[]): ResourceTemplateEntry {
    const template = new UriTemplate(text, 'Test.method');
    const match = (uri: string) => {
      asked.push(text);
      return template.match(uri);
    };
    const { prefix, literalLength, variables } = template;
    return {
      ...entry(text),
      template: { text, prefix, literalLength, variables, match } as unknown as UriTemplate,
      resourceTemplate: { uriTemplate: text, name: text },
      mimeType: undefined,
      contentsMeta: undefined,
      cacheHint: undefined,
      input: undefined,
      completers: new Map(),
    };
  }

  const textsOf = (catalog: Catalog, uri: string) =>
    Array.from(catalog.templatesOf(uri), ({ entry: { key } }) => key);

  it('are asked only if the URI begins like them', () => {
    const catalog = new Catalog();
    const asked: string[] = [];
    for (let n = 0; n < 10_000; n++) catalog.resourceTemplates.add(counted(`x://${n}/{a}`, asked));
    expect(textsOf(catalog, 'x://777/y')).toEqual(['x://777/{a}']);
    expect(textsOf(catalog, 'x://nobody/y')).toEqual([]);
    expect(asked).toEqual(['x://777/{a}']);
  });

  it('come with the most specific one first', () => {
    const catalog = new Catalog();
    const texts = ['x:{+all}', 'x://a/{+rest}', 'x://a/{b}', 'x://a/{b}/c', 'x://a/b/{c}', 'x://{a}/{b}/{c}'];
    for (const text of texts) catalog.resourceTemplates.add(counted(text, []));
    expect(textsOf(catalog, 'x://a/b/c')).toEqual([
      'x://a/b/{c}',
      'x://a/{b}/c',
      'x://a/{+rest}',
      'x://{a}/{b}/{c}',
      'x:{+all}',
    ]);
    catalog.resourceTemplates.remove('x://a/b/{c}');
    expect(textsOf(catalog, 'x://a/b/c')[0]).toBe('x://a/{b}/c');
  });
});
