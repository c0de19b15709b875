import { expect, it } from '@jest/globals';
import { callerKey } from '../../../lib/calls/caller-key.js';

const of = (request: object) => callerKey({ principal: undefined, http: { request } });

it('is the principal, from wherever it calls', () => {
  const http = { request: { ip: '192.0.2.1' } };
  const principal = { subject: 'ada' };
  expect(callerKey({ principal, http })).toBe(callerKey({ principal, http: undefined }));
});

it('is the address the platform names, else that of the connection', () => {
  expect(of({ ip: '192.0.2.1', socket: { remoteAddress: '10.0.0.1' } })).toBe('address:192.0.2.1');
  expect(of({ socket: { remoteAddress: '::ffff:192.0.2.1' } })).toBe('address:192.0.2.1');
  expect(of({ socket: {} })).toBe('address:');
});

it.each([
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:ffff::1', true],
  ['2001:db8:1::5', '2001:db8:1:0:9:9:9:9', true],
  ['fe80::1%eth0', 'fe80::2%eth1', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
])('takes %s and %s for one network: %s', (one, other, isSame) => {
  expect(of({ ip: one }) === of({ ip: other })).toBe(isSame);
});
