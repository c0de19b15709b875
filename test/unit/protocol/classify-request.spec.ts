import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classifyRequest } from '../../../lib/protocol/classify-request.js';
import { LEGACY_PROTOCOL_VERSIONS, PROTOCOL_VERSIONS } from '../../../lib/protocol/protocol-version.js';

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { roots: {} },
};
const MODERN_HEADERS = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: META } };

const classify = (headers: object, body: unknown, supported: readonly any[] = PROTOCOL_VERSIONS): any =>
  classifyRequest(headers as Record<string, string>, body, supported);

describe('classifyRequest', () => {
  it('takes a request without a version for legacy', () => {
    expect(classify({}, ping)).toEqual({
      kind: 'legacy',
      version: undefined,
      messages: [ping],
      isBatch: false,
    });
  });

  it.each(LEGACY_PROTOCOL_VERSIONS)('takes a request of %s for legacy', (version) => {
    expect(classify({ 'mcp-protocol-version': version }, ping)).toMatchObject({ kind: 'legacy', version });
  });

  it('takes a request that says so in header and body for modern', () => {
    expect(classify(MODERN_HEADERS, list)).toEqual({
      kind: 'modern',
      version: '2026-07-28',
      message: list,
      meta: { clientInfo: undefined, clientCapabilities: { roots: {} }, logLevel: undefined },
    });
  });

  it('takes a notification with the modern header for a modern one', () => {
    const message = { jsonrpc: '2.0', method: 'notifications/x' };
    expect(classify(MODERN_HEADERS, message)).toEqual({ kind: 'modern-notification', message });
  });

  it('takes an array for a batch of the assumed version', () => {
    expect(classify({}, [ping])).toEqual({
      kind: 'legacy',
      version: '2025-03-26',
      messages: [ping],
      isBatch: true,
    });
  });

  it.each<[string, object, unknown, number, unknown]>([
    ['something else', {}, 'x', -32600, null],
    ['a modern body without its header', {}, list, -32020, 1],
    ['a modern body under a legacy header', { 'mcp-protocol-version': '2025-11-25' }, list, -32020, 1],
    ['a modern header over a legacy body', MODERN_HEADERS, ping, -32602, 1],
    ['an unknown version', { 'mcp-protocol-version': 'x' }, ping, -32022, 1],
    ['a repeated header', { 'mcp-protocol-version': ['2025-11-25', '2025-11-25'] }, ping, -32022, 1],
    ['a modern response', MODERN_HEADERS, { jsonrpc: '2.0', id: 1, result: {} }, -32600, null],
    ['a modern request without Mcp-Method', { 'mcp-protocol-version': '2026-07-28' }, list, -32020, 1],
    ['a modern batch', MODERN_HEADERS, [list], -32600, null],
    ['a batch where 2025-03-26 is not served', {}, [ping], -32600, null],
  ])('rejects %s', (what, headers, body, code, id) => {
    const supported = what.includes('not served') ? ['2025-11-25'] : PROTOCOL_VERSIONS;
    const { error, ...rest } = classify(headers, body, supported);
    expect(rest).toEqual({ kind: 'rejected', status: 400, id });
    expect(error.code).toBe(code);
  });

  it('tells what is supported and what was requested', () => {
    const { error } = classify({ 'mcp-protocol-version': 'x' }, ping, ['2026-07-28', '2025-11-25']);
    expect(error.data).toEqual({ supported: ['2026-07-28', '2025-11-25'], requested: 'x' });
  });

  it('never throws, and rejects with 400 only', () => {
    const headers = fc.dictionary(
      fc.constantFrom('mcp-protocol-version', 'mcp-method', 'mcp-name'),
      fc.oneof(fc.constantFrom(...PROTOCOL_VERSIONS, 'tools/list'), fc.string(), fc.array(fc.string())),
    );
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          jsonrpc: fc.constant('2.0'),
          id: fc.jsonValue(),
          method: fc.oneof(fc.constantFrom('tools/list', 'tools/call', '__proto__'), fc.jsonValue()),
          params: fc.oneof(fc.constant({ _meta: META }), fc.jsonValue()),
        },
        { requiredKeys: ['jsonrpc'] },
      ),
    );
    fc.assert(
      fc.property(headers, fc.oneof(body, fc.array(body)), (given, value) => {
        const classified = classify(given, value);
        if (classified.kind === 'rejected') expect(classified.status).toBe(400);
        else expect(classified.kind).toMatch(/^(legacy|modern|modern-notification)$/);
      }),
      { numRuns: 1000 },
    );
  });
});
