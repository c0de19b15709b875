import { expect, it } from '@jest/globals';
import { toHeader } from '../../../lib/auth/challenge.js';

it('a challenge quotes what it repeats of a request', () => {
  const metadataUrl = 'https://a",error="none\\/mcp';
  expect(toHeader({ metadataUrl, scopes: ['a', 'b'] })).toBe(
    'Bearer resource_metadata="https://a\\",error=\\"none\\\\/mcp", scope="a b"',
  );
});
