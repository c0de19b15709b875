import { expect, it } from '@jest/globals';
import { principalKey } from '../../../lib/calls/principal-key.js';

it('is the same for one caller with another token', () => {
  const ada = { issuer: 'https://id.example', clientId: 'app', subject: 'ada' };
  expect(principalKey({ ...ada, expiresAt: 1, scopes: ['a'], claims: { jti: '1' } })).toBe(principalKey(ada));
});

it('does not take all whom an issuer vouches for, and says no more of, for one', () => {
  const issuer = 'https://id.example';
  const [ada, bob] = ['ada', 'bob'].map((email) => ({ issuer, claims: { iss: issuer, email } }));
  expect(principalKey(ada)).not.toBe(principalKey(bob));
  expect(principalKey(ada)).toBe(principalKey({ issuer, claims: { email: 'ada', iss: issuer } }));
  expect(principalKey({ issuer: 'a' })).not.toBe(principalKey({ issuer: 'b' }));
});

it.each([{ subject: '' }, { clientId: '' }, { subject: '', clientId: '' }])(
  'does not take all who have an empty name for one: %j',
  (names) => {
    const [ada, bob] = ['ada', 'bob'].map((email) => ({ ...names, issuer: 'a', claims: { email } }));
    expect(principalKey(ada)).not.toBe(principalKey(bob));
  },
);

it('is none for nobody', () => {
  expect(principalKey(undefined)).toBeUndefined();
});
