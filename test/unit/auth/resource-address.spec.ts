import { Script, createContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { ResourceAddress, type AddressOptions } from '../../../lib/auth/resource-address.js';
import { pathMatcher } from '../../../lib/discovery/mcp-route.js';
import type { HttpExchange } from '../../../lib/transports/streamable-http/http/http-exchange.js';

const addressOf = (options: Partial<AddressOptions> = {}) =>
  new ResourceAddress({
    resource: undefined,
    publicUrl: 'https://mcp.example',
    publicPath: '/public',
    routes: () => ['/mcp'],
    isEndpoint: pathMatcher(['/mcp']),
    ...options,
  });

/** Fails where the time that work takes grows with the square of the length of what was sent. */
function withinReason<T>(work: () => T): T {
  const context = createContext({ work });
  return new Script('work()').runInContext(context, { timeout: 3_000 }) as T;
}

const MANY = '/'.repeat(200_000);
const exchangeTo = (url: string) => ({ request: { url }, platform: {} }) as unknown as HttpExchange;

describe('the address of a server', () => {
  it('is found quickly, however many slashes a path has', () => {
    const address = addressOf();
    const path = `/.well-known/oauth-protected-resource${MANY}x`;
    expect(withinReason(() => address.isMetadata(path))).toBe(false);
    const found = withinReason(() => addressOf({ publicPath: undefined }).resource(exchangeTo(`${MANY}mcp`)));
    expect(found?.endsWith('/mcp')).toBe(true);
  });

  it('has no slash at its end', () => {
    const address = addressOf({ publicPath: undefined });
    for (const path of ['/mcp', '/mcp/', '/mcp//', '/MCP']) {
      expect(address.resource(exchangeTo(path))).toBe('https://mcp.example/mcp');
    }
    expect(address.isMetadata('/.well-known/oauth-protected-resource/mcp/')).toBe(true);
    expect(address.isMetadata('/.well-known/oauth-protected-resource/other')).toBe(false);
  });
});
