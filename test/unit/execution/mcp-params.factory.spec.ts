import { describe, expect, it } from '@jest/globals';
import { ParameterKind } from '../../../lib/mcp.constants.js';
import { mcpParamsFactory } from '../../../lib/execution/mcp-params.factory.js';

const request = {
  headers: { 'x-tenant': 'acme' },
  query: Object.assign(Object.create(null), { lang: 'de' }),
  params: { region: 'eu' },
  session: { id: 's' },
  ip: '127.0.0.1',
};
const args = { city: 'Graz', constructor: 'own' };
const handed = [request, 'response', 'context', args];

const read = (kind: number, data?: unknown, from: unknown = handed) =>
  mcpParamsFactory.exchangeKeyForValue(kind, data, from);

describe('mcpParamsFactory', () => {
  it.each([
    ['Request', undefined, request],
    ['Response', undefined, 'response'],
    ['Context', undefined, 'context'],
    ['Arguments', undefined, args],
    ['Arguments', 'city', 'Graz'],
    ['Arguments', 'constructor', 'own'],
    ['Arguments', 'toString', undefined],
    ['Headers', undefined, request.headers],
    ['Headers', 'X-Tenant', 'acme'],
    ['Headers', 'toString', undefined],
    ['Query', 'lang', 'de'],
    ['PathParameters', 'region', 'eu'],
    ['Session', undefined, request.session],
    ['Ip', undefined, '127.0.0.1'],
    ['Hosts', 'a', undefined],
  ] as const)('reads %s, %j', (kind, data, expected) => {
    expect(read(ParameterKind[kind], data)).toBe(expected);
  });

  it('has nothing for other kinds', () => {
    for (const kind of [2, 8, 9, 12, 99]) expect(read(kind)).toBeUndefined();
  });

  it('has nothing of a request where there is none', () => {
    const without = [undefined, undefined, 'context', args];
    expect(read(ParameterKind.Headers, 'x-tenant', without)).toBeUndefined();
    expect(read(ParameterKind.Query, undefined, without)).toBeUndefined();
    expect(read(ParameterKind.Arguments, 'city', without)).toBe('Graz');
  });
});
