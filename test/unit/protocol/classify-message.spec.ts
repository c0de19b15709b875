import { describe, expect, it } from '@jest/globals';
import { classifyMessage } from '../../../lib/protocol/classify-request.js';
import { PROTOCOL_VERSIONS, type ProtocolVersion } from '../../../lib/protocol/protocol-version.js';

const META = 'io.modelcontextprotocol/';
const modern = (version: unknown, method = 'tools/list') => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  params: { _meta: { [`${META}protocolVersion`]: version, [`${META}clientCapabilities`]: {} } },
});
const request = (method: string) => ({ jsonrpc: '2.0', id: 1, method });
const notification = { jsonrpc: '2.0', method: 'notifications/initialized' };
const response = { jsonrpc: '2.0', id: 1, result: {} };

const classify = (
  body: unknown,
  negotiated?: ProtocolVersion,
  supported: readonly ProtocolVersion[] = PROTOCOL_VERSIONS,
) => {
  const classified = classifyMessage(body, supported, negotiated);
  return classified.kind === 'rejected' ? classified.error.code : classified;
};

describe('a message of a transport without headers', () => {
  it('is modern by what its _meta says', () => {
    expect(classify(modern('2026-07-28'))).toMatchObject({ kind: 'modern', version: '2026-07-28' });
  });

  it.each([
    ['a request', request('initialize')],
    ['a request', request('tools/list')],
    ['a notification', notification],
    ['a response', response],
    ['a request that names a legacy revision', modern('2025-11-25')],
  ])('is legacy without: %s', (_kind, body) => {
    expect(classify(body, '2025-11-25')).toEqual({
      kind: 'legacy',
      version: '2025-11-25',
      messages: [body],
      isBatch: false,
    });
  });

  it('has no version before one is negotiated', () => {
    expect(classify(request('initialize'))).toMatchObject({ kind: 'legacy', version: undefined });
  });

  it('is refused for a revision that is not served', () => {
    expect(classify(modern('2031-01-01'))).toBe(-32022);
    expect(classify(modern('2026-07-28'), undefined, ['2025-11-25'])).toBe(-32600);
  });

  it('is refused where it lacks what a server of modern revisions needs', () => {
    expect(classify(request('tools/list'), undefined, ['2026-07-28'])).toBe(-32602);
    expect(classify(response, undefined, ['2026-07-28'])).toBe(-32600);
    const bare = {
      ...request('tools/list'),
      params: { _meta: { [`${META}protocolVersion`]: '2026-07-28' } },
    };
    expect(classify(bare)).toBe(-32602);
  });

  it('is a batch in 2025-03-26 only', () => {
    const batch = [request('tools/list'), notification];
    expect(classify(batch, '2025-03-26')).toMatchObject({ kind: 'legacy', isBatch: true, messages: batch });
    expect(classify(batch, '2025-11-25')).toBe(-32600);
    expect(classify(batch)).toBe(-32600);
  });

  it.each([[null], [1], ['text'], [{}], [{ jsonrpc: '2.0', id: 1, method: 'x', params: [] }]])(
    'is none: %j',
    (body) => {
      expect(classify(body)).toBe(-32600);
    },
  );
});
