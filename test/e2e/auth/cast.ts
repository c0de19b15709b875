import { bearer, RESOURCE } from './fixture.js';
import type { Grant, TestIssuer } from './issuer.js';

/** Another issuer that the server believes too; it signs with the same keys. */
export const SECOND_ISSUER = 'https://second.example';

export const ALICE: Grant = { sub: 'alice', client_id: 'app', scope: 'mcp', aud: RESOURCE };

/** Callers that are not Alice, or cannot prove it: how, and the status by which it is refused wherever tokens decide. */
export const STRANGERS: readonly [name: string, grant: Grant | undefined, refusal: 401 | 403 | undefined][] =
  [
    ['another user', { ...ALICE, sub: 'mallory' }, undefined],
    ['another client of hers', { ...ALICE, client_id: 'other' }, undefined],
    ['her namesake of another issuer', { ...ALICE, iss: SECOND_ISSUER }, undefined],
    ['nobody', undefined, 401],
    ['her expired token', { ...ALICE, expiresIn: -60 }, 401],
    ['her token with less scope', { ...ALICE, scope: 'profile' }, 403],
  ];

/** The headers that make a request one of theirs. */
export async function headersOf(
  issuer: TestIssuer,
  grant: Grant | undefined,
): Promise<Record<string, string>> {
  return grant ? bearer(await issuer.token(grant)) : {};
}
