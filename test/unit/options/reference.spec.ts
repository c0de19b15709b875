import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '../../../lib/mcp-limits.js';
import { OPTIONS } from '../../../lib/mcp-options.js';

const reference = readFileSync(join(import.meta.dirname, '../../../REFERENCE.md'), 'utf8');
const [, section = ''] = /\n## Options\n([^]*?)\n## Decorators\n/.exec(reference) ?? [];
const rows = new Map(
  [...section.matchAll(/^\| `([\w.]+)` +\| (.*?) +\| (.*?) +\|$/gm)].map(([, name = '', byDefault = '']) => [
    name,
    byDefault,
  ]),
);

/** Every option by name, those of `limits` one by one. */
const RULES = Object.entries(OPTIONS).flatMap(([option, rule]): [string, object][] =>
  option === 'limits'
    ? [
        ['limits', {}],
        ...Object.entries(DEFAULT_LIMITS).map(([limit, value]): [string, object] => [
          `limits.${limit}`,
          { default: value },
        ]),
      ]
    : [[option, rule]],
);

/** Defaults that are told in words, as their value says little. */
const IN_WORDS: Readonly<Record<string, string>> = {
  serverInfo: '`mcp-server`, `0.0.0`',
  protocolVersions: 'all',
  cacheHints: 'nothing may be cached',
  pageSize: 'one page',
  handles: '24 hours with a principal',
};

function shown(option: string, value: unknown): string {
  if (option in IN_WORDS) return IN_WORDS[option] as string;
  if (typeof value !== 'number') return `\`${String(value)}\``;
  if (/bytes/i.test(option)) return value < 1024 ** 2 ? `${value / 1024} KiB` : `${value / 1024 ** 2} MiB`;
  return option.endsWith('Ms') && value > 60_000 ? `${value / 60_000} minutes` : String(value);
}

it('the reference names every option, and no other', () => {
  expect([...rows.keys()].sort()).toEqual(RULES.map(([option]) => option).sort());
});

describe('the reference says what is so by default', () => {
  it.each(RULES)('for %s', (option, rule) => {
    if ('default' in rule) expect(rows.get(option)).toBe(shown(option, rule.default));
    else expect(rows.get(option)).toMatch(/[a-z]{2}/);
  });
});

it('the reference names everything that cacheHints is about', () => {
  for (const hint of ['discover', 'tools', 'resources', 'resourceTemplates', 'prompts', 'read']) {
    expect(/^\| `cacheHints`.*$/m.exec(section)?.[0]).toContain(`\`${hint}\``);
  }
});
