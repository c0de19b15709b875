import { describe, expect, it } from '@jest/globals';
import { McpConfigurationError, McpModule } from 'nestjs-mcp-adapters';
import { startApp } from '../../support/app.js';

const INVALID: [option: string, value: unknown][] = [
  ['name', ''],
  ['name', 7],
  ['serverInfo', { name: 'no version' }],
  ['serverInfo', null],
  ['instructions', ['a']],
  ['path', 'mcp'],
  ['path', '/mcp?x=1'],
  ['path', 7],
  ['publicPath', 'https://a.example/mcp'],
  ['mount', 'both'],
  ['protocolVersions', []],
  ['protocolVersions', ['2024-11-05']],
  ['protocolVersions', '2025-11-25'],
  ['include', [undefined]],
  ['include', class {}],
  ['limits', 7],
  ['limits', null],
  ['limits.bodyBytes', { bodyBytes: 0 }],
  ['limits.bodyBytes', { bodyBytes: 1.5 }],
  ['limits.bodyBytes', { bodyBytes: '4mb' }],
  ['limits.handlesPerPrincipal', { handlesPerPrincipal: 1.5 }],
  ['limits.handleBytes', { sessions: 1, handleBytes: Infinity }],
  ['requestTimeoutMs', 0],
  ['requestTimeoutMs', Infinity],
  ['keepAliveMs', 0],
  ['keepAliveMs', 2 ** 31],
  ['shutdownGraceMs', -1],
  ['shutdownGraceMs', Infinity],
  ['allowedHosts', 'localhost'],
  ['allowedHosts', ['https://a.example']],
  ['allowedHosts', [7]],
  ['allowedOrigins', ['a.example']],
  ['allowedOrigins', ['https://a.example/']],
  ['strictAccept', 'yes'],
  ['principal', 'user'],
  ['sessionTtlMs', 0],
  ['limits.sessions', { sessions: Infinity }],
  ['onUnknownSession', 'ignore'],
  ['pageSize', 0],
  ['cursorSecret', 7],
  ['schemaToJson', {}],
  ['logger', false],
  ['cacheHints.tools.ttlMs', { tools: { ttlMs: -1 } }],
  ['capabilities', { tasks: {} }],
  ['capabilities', ['tools']],
  ['cacheHints.tools.cacheScope', { tools: { cacheScope: 'shared' } }],
];

describe('an option that cannot work', () => {
  it.each(INVALID)('%s fails at boot by name: %j', async (option, value) => {
    const options = { [option.split('.')[0]!]: value };
    const error = await startApp({ imports: [McpModule.forRoot(options)] }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(McpConfigurationError);
    expect(error).toMatchObject({
      code: 'MCP_CONFIGURATION',
      message: expect.stringMatching(new RegExp(`^McpModule option ${option} must `)),
    });
  });

  it.each([
    [{ maxSessions: 10 }, 'maxSessions is unknown'],
    [{ sesionTtlMs: 10 }, 'sesionTtlMs is unknown'],
    [{ limits: { session: 10 } }, 'limits.session is unknown; there are bodyBytes, sessions,'],
  ])('is one that there is not: %j', async (options, message) => {
    await expect(startApp({ imports: [McpModule.forRoot(options as object)] })).rejects.toThrow(
      `McpModule option ${message}`,
    );
  });

  it('has its default where it is given as undefined', async () => {
    const limits = { bodyBytes: undefined, sessions: 5 } as object;
    const app = await startApp({ imports: [McpModule.forRoot({ limits, path: undefined } as object)] });
    await app.close();
  });

  it('fails in forRootAsync() too', async () => {
    const imports = [McpModule.forRootAsync({ useFactory: () => ({ path: 'mcp' }) })];
    await expect(startApp({ imports })).rejects.toThrow(
      'McpModule option path must start with "/", as in "/mcp", not "mcp"',
    );
  });

  it('is missing altogether when a factory returns nothing', async () => {
    const imports = [McpModule.forRootAsync({ useFactory: () => undefined as never })];
    await expect(startApp({ imports })).rejects.toThrow('McpModule options must be an object, not undefined');
  });
});
