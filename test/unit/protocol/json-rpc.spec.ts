import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  errorResponse,
  isNotification,
  isRequest,
  isResponse,
  parseMessage,
  readId,
  resultResponse,
} from '../../../lib/protocol/json-rpc.js';

const kindOf = (value: unknown) => {
  const message = parseMessage(value);
  if (!message) return undefined;
  return [
    isRequest(message) && 'request',
    isNotification(message) && 'notification',
    isResponse(message) && 'response',
  ]
    .filter(Boolean)
    .join();
};

describe('parseMessage', () => {
  it.each([
    [{ id: 1, method: 'x' }, 'request'],
    [{ id: '', method: '', params: {} }, 'request'],
    [{ method: 'x' }, 'notification'],
    [{ id: 1, result: {} }, 'response'],
    [{ id: 'x', error: { code: -1, message: '' } }, 'response'],
  ])('takes %j for a %s', (fields, kind) => expect(kindOf({ jsonrpc: '2.0', ...fields })).toBe(kind));

  it.each([
    {},
    { id: null, method: 'x' },
    { id: 1.5, method: 'x' },
    { id: 2 ** 53, method: 'x' },
    { id: true, method: 'x' },
    { id: 1, method: 1 },
    { id: 1, method: 'x', params: [] },
    { id: 1, method: 'x', params: null },
    { id: 1, method: 'x', result: {} },
    { id: 1, method: 'x', error: undefined },
    { id: 1 },
    { id: 1, result: {}, error: { code: 1, message: '' } },
    { id: 1, result: [] },
    { id: 1, error: { code: 1.5, message: '' } },
    { id: 1, error: { code: 1 } },
    { result: {} },
  ])('takes %j for nothing', (fields) => expect(kindOf({ jsonrpc: '2.0', ...fields })).toBeUndefined());

  it.each([undefined, null, 1, 'x', [], { jsonrpc: 2, id: 1, method: 'x' }])(
    'takes %j for nothing at all',
    (value) => expect(parseMessage(value)).toBeUndefined(),
  );

  it('gives the message itself, never a copy', () => {
    const message = { jsonrpc: '2.0', id: 1, method: 'x', extra: true };
    expect(parseMessage(message)).toBe(message);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => void parseMessage(value)));
  });
});

describe('readId', () => {
  it('gives an id that can be echoed, or null', () => {
    const ids = [1, 'x', 1.5, null, {}].map((id) => readId({ id }));
    expect(ids).toEqual([1, 'x', null, null, null]);
    expect([undefined, null, 'x', [1]].map(readId)).toEqual([null, null, null, null]);
  });
});

describe('responses as text', () => {
  it('are JSON whatever the id holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.maxSafeInteger()),
        fc.jsonValue(),
        (id, value) => {
          const result = JSON.parse(JSON.stringify(value));
          expect(JSON.parse(resultResponse(id, JSON.stringify(value)))).toEqual({
            jsonrpc: '2.0',
            id,
            result,
          });
          const error = { code: 1, message: String(id), data: result };
          expect(JSON.parse(errorResponse(id, error))).toEqual({ jsonrpc: '2.0', id, error });
        },
      ),
    );
  });
});
