import { describe, expect, it } from '@jest/globals';
import { AccessPolicy, type AccessOptions } from '../../../lib/transports/streamable-http/access-policy.js';

function policy(address: string | undefined, options: Partial<AccessOptions> = {}) {
  const made = new AccessPolicy({ allowedHosts: undefined, allowedOrigins: undefined, ...options });
  if (address !== undefined) made.bind(address);
  return made;
}

const refuses = (made: AccessPolicy, headers: { host?: string; origin?: string }) =>
  made.refuse({ headers }) !== undefined;

describe('AccessPolicy', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('knows %s for loopback', (address) => {
    expect(policy(address).isOpen).toBe(false);
    expect(refuses(policy(address), { host: 'evil.example' })).toBe(true);
    expect(refuses(policy(address), { host: 'localhost:3000' })).toBe(false);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '::2', undefined])('is open on %s', (address) => {
    expect(policy(address).isOpen).toBe(true);
    expect(refuses(policy(address), { host: 'any.example', origin: 'null' })).toBe(false);
    expect(refuses(policy(address), {})).toBe(false);
  });

  it('is closed by an empty list', () => {
    expect(policy('0.0.0.0', { allowedHosts: [] }).isOpen).toBe(false);
    expect(refuses(policy('0.0.0.0', { allowedHosts: [] }), { host: 'any.example' })).toBe(true);
    expect(refuses(policy('0.0.0.0', { allowedOrigins: [] }), { host: 'x', origin: 'https://x' })).toBe(true);
    expect(refuses(policy('0.0.0.0', { allowedOrigins: [] }), { host: 'x' })).toBe(false);
  });

  it('asks for a Host where one is expected', () => {
    expect(refuses(policy('127.0.0.1'), {})).toBe(true);
    expect(refuses(policy('0.0.0.0', { allowedHosts: ['x'] }), {})).toBe(true);
  });

  it('lets an origin in that is on an allowed host', () => {
    const made = policy('0.0.0.0', { allowedHosts: ['mcp.example', '[::2]:80'] });
    expect(refuses(made, { host: 'mcp.example', origin: 'https://MCP.example:8443' })).toBe(false);
    expect(refuses(made, { host: '[::2]:80', origin: 'http://[::2]:80' })).toBe(false);
    for (const origin of [
      'https://mcp.example.evil',
      'https://mcp.example/',
      'ftp://mcp.example',
      'https://mcp.example, x',
    ]) {
      expect(refuses(made, { host: 'mcp.example', origin })).toBe(true);
    }
  });

  it('tells host and origin apart in what it says', () => {
    const made = policy('127.0.0.1');
    expect(made.refuse({ headers: { host: 'evil.example' } })).toBe('Host is not allowed');
    expect(made.refuse({ headers: { host: 'localhost', origin: 'null' } })).toBe('Origin is not allowed');
  });
});
