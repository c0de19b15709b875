import { expect, it } from '@jest/globals';
import { isLocalHost } from '../../../lib/auth/local-host.js';

const hostOf = (authority: string) => new URL(`http://${authority}/`).hostname;

it.each([
  ...['localhost', 'localhost:3000', '127.0.0.1', '[::1]:80', 'keycloak:8080', 'id.localhost', 'id.auth.svc'],
  ...[
    'kc.auth.svc.cluster.local',
    'host.docker.internal',
    '10.1.2.3',
    '192.168.0.7',
    '172.20.0.2',
    '[fd00::1]',
  ],
])('%s is local', (authority) => {
  expect(isLocalHost(hostOf(authority))).toBe(true);
});

it.each([
  ...[
    'id.example',
    'example.com',
    'local.example',
    '127.0.0.1.example',
    '10.example',
    '8.8.8.8',
    '172.32.0.1',
  ],
  ...['[2001:db8::1]', 'localhost.example.com', '192.168.evil.com'],
])('%s is not', (authority) => {
  expect(isLocalHost(hostOf(authority))).toBe(false);
});
