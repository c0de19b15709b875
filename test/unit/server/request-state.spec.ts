import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Call } from '../../../lib/calls/call.js';
import { RequestStates } from '../../../lib/conversations/request-state.js';

const callOf = (params: object, subject = 'ada', method = 'tools/call') =>
  ({
    principal: { subject },
    request: { jsonrpc: '2.0', id: 1, method, params },
  }) as unknown as Call;

const states = new RequestStates(['secret'], 'server', 60_000);

describe('sealed states', () => {
  it('come back as they were, for JSON of any kind', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (args, answer) => {
        const call = callOf({ name: 'tool', arguments: args });
        const state = {
          asked: {},
          answers: { key: { answer } },
          once: { key: { value: answer } },
          sentCount: 3,
        };
        expect(states.open(states.seal(state, call), call)).toEqual({
          ...(JSON.parse(JSON.stringify(state)) as object),
          expiresAt: expect.any(Number),
        });
      }),
    );
  });

  it('do not open when a bit is flipped, or the end is missing', () => {
    const call = callOf({ name: 'tool' });
    const sealed = states.seal({ asked: {} }, call);
    const bytes = Buffer.from(sealed, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => states.open(flipped.toString('base64url'), call)).toThrow('requestState is not valid');
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(() => states.open(sealed.slice(0, length), call)).toThrow('requestState is not valid');
    }
  });

  it('are bound to the URI of a resource whatever else the request names', () => {
    const read = (uri: string) => callOf({ name: 'x', uri }, 'ada', 'resources/read');
    const sealed = states.seal({ asked: {} }, read('file:///a'));
    expect(() => states.open(sealed, read('file:///b'))).toThrow('requestState is not valid');
    expect(states.open(sealed, read('file:///a'))).toMatchObject({ asked: {} });
  });

  it('differ each time', () => {
    const call = callOf({ name: 'tool' });
    expect(new Set(Array.from({ length: 100 }, () => states.seal({ asked: {} }, call))).size).toBe(100);
  });

  it('open for equal calls only', () => {
    const value = fc.record({
      name: fc.constantFrom('a', 'b'),
      arguments: fc.constantFrom({}, { x: 1 }, { x: '1' }, { x: [1, 2] }, { x: [2, 1] }, { x: { y: null } }),
    });
    fc.assert(
      fc.property(value, value, fc.constantFrom('ada', 'bob'), (one, other, subject) => {
        const sealed = states.seal({ asked: {} }, callOf(one));
        const isSame = JSON.stringify(one) === JSON.stringify(other) && subject === 'ada';
        const open = () => states.open(sealed, callOf(other, subject));
        if (isSame) expect(open()).toMatchObject({ asked: {} });
        else expect(open).toThrow('requestState is not valid');
      }),
    );
  });

  it('hold no more than a client can carry', () => {
    const seal = (length: number) =>
      states.seal({ asked: {}, own: 'x'.repeat(length) }, callOf({ name: 'tool' }));
    expect(seal(48_000).length).toBeLessThanOrEqual(65_536);
    expect(() => seal(50_000)).toThrow('65536');
  });

  it('are over when their time is', () => {
    const short = new RequestStates(['secret'], 'server', -1);
    const call = callOf({ name: 'tool' });
    expect(() => short.open(short.seal({ asked: {} }, call), call)).toThrow('requestState is not valid');
  });
});
