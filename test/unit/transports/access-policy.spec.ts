import { describe, expect, it } from '@jest/globals';
import {
  AccessPolicy,
  type AccessOptions,
} from '../../../lib/transports/streamable-http/http/access-policy.js';

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

  it('takes a given list of origins for all of them, whatever hosts are allowed', () => {
    const hosts = [undefined, ['*'], ['mcp.example'], ['localhost']];
    for (const address of ['127.0.0.1', '0.0.0.0']) {
      for (const allowedHosts of hosts) {
        const host = allowedHosts?.[0] === 'mcp.example' ? 'mcp.example' : 'localhost';
        const made = policy(address, { allowedHosts, allowedOrigins: ['https://app.example'] });
        expect(refuses(made, { host })).toBe(false);
        expect(refuses(made, { host, origin: 'https://APP.example' })).toBe(false);
        for (const name of ['app.example', 'mcp.example', 'localhost', '127.0.0.1', 'evil.example']) {
          expect(refuses(made, { host, origin: `http://${name}` })).toBe(true);
        }
        expect(refuses(made, { host, origin: 'null' })).toBe(true);
        expect(
          refuses(policy(address, { allowedHosts, allowedOrigins: [] }), { host, origin: `http://${host}` }),
        ).toBe(true);
        expect(
          refuses(policy(address, { allowedHosts, allowedOrigins: ['*'] }), { host, origin: 'null' }),
        ).toBe(false);
      }
    }
  });

  it('reads the authority of HTTP/2, and takes no Host beside it that means another', () => {
    const refusal = (headers: Record<string, string>) => policy('127.0.0.1').refuse({ headers });
    expect(refusal({ ':authority': 'localhost:80' })).toBeUndefined();
    expect(refusal({ ':authority': 'localhost', host: 'localhost' })).toBeUndefined();
    expect(refusal({ ':authority': 'evil.example' })?.value).toBe('evil.example');
    expect(refusal({ ':authority': 'localhost', host: 'evil.example' })?.value).toBe('evil.example');
    expect(refusal({ ':authority': 'evil.example', host: 'localhost' })?.value).toBe('evil.example');
  });

  it('names header, value and option in what it says, however long the value is', () => {
    const made = policy('127.0.0.1');
    expect(made.refuse({ headers: { host: 'evil.example' } })?.message).toBe(
      'Host is not allowed: "evil.example" (allowedHosts)',
    );
    expect(made.refuse({ headers: { host: 'localhost', origin: 'null' } })?.message).toBe(
      'Origin is not allowed: "null" (allowedOrigins)',
    );
    expect(made.refuse({ headers: {} })?.message).toBe('Host is required (allowedHosts)');
    expect(made.refuse({ headers: { host: 'x'.repeat(10_000) } })?.message.length).toBeLessThan(300);
  });
});
