import { describe, expect, it } from '@jest/globals';
import { pathMatcher } from '../../../lib/discovery/mcp-route.js';

describe('pathMatcher', () => {
  const isEndpoint = pathMatcher(['/api/mcp', '/v1/:tenant/mcp']);

  it.each(['/api/mcp', '/api/mcp/', '/API/Mcp', '//api//mcp', '/v1/acme/mcp'])(
    'takes %s for the route',
    (path) => {
      expect(isEndpoint(path)).toBe(true);
    },
  );

  it.each(['/mcp', '/api', '/api/mcp/more', '/v1/mcp', '/v1/a/b/mcp', '/', ''])(
    'leaves %s to others',
    (path) => {
      expect(isEndpoint(path)).toBe(false);
    },
  );
});
