import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { McpConfigurationError, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { createPoster, type Poster } from '../../support/http.js';
import { call, MemoryLogger, textOf, toolNames } from './calls.js';

@Injectable()
class Ledger {
  readonly entries: string[] = [];

  @McpTool()
  leaked() {}
}

@Module({ providers: [Ledger], exports: [Ledger] })
class SharedModule {}

@Injectable()
class AdminTools {
  constructor(private readonly ledger: Ledger) {}

  @McpTool()
  wipe() {
    this.ledger.entries.push('wiped');
    return 'wiped';
  }
}

@Injectable()
class PublicTools {
  constructor(private readonly ledger: Ledger) {}

  @McpTool()
  read() {
    return this.ledger.entries.join();
  }
}

@Injectable()
class UserTools {
  @McpTool({ name: 'read' })
  whoami() {
    return 'ada';
  }
}

@Module({
  imports: [SharedModule, McpModule.forFeature([AdminTools], 'admin', { imports: [SharedModule] })],
  providers: [PublicTools],
})
class OfficeModule {}

@Module({ imports: [McpModule.forFeature([UserTools])] })
class UserModule {}

describe.each(PLATFORMS)('several servers in one application on %s', (platform) => {
  let app: TestApp;
  let servers: Record<'admin' | 'office' | 'plain', { post: Poster }>;

  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [
        OfficeModule,
        UserModule,
        McpModule.forRoot({ name: 'admin', path: '/admin/mcp', include: [] }),
        McpModule.forRootAsync({
          useFactory: () => ({ name: 'office', path: '/office/mcp', include: [OfficeModule] }),
        }),
        McpModule.forRoot({ path: '/mcp' }),
      ],
    });
    servers = {
      admin: { post: createPoster(`${app.origin}/admin/mcp`) },
      office: { post: createPoster(`${app.origin}/office/mcp`) },
      plain: { post: createPoster(`${app.origin}/mcp`) },
    };
  });
  afterAll(() => app.close());

  it('have disjoint tools, and none of a module that is merely imported', async () => {
    expect(await toolNames(servers.admin)).toEqual(['wipe']);
    expect(await toolNames(servers.office)).toEqual(['read']);
    expect(await toolNames(servers.plain)).toEqual(['read']);
  });

  it('know nothing of tools of each other', async () => {
    const { json } = await call(servers.office, 'wipe');
    expect(json.error).toMatchObject({ code: -32602, message: 'Unknown tool: wipe' });
  });

  it('run tools of one name on their own provider, with shared dependencies', async () => {
    await call(servers.admin, 'wipe');
    expect(await textOf(servers.office, 'read')).toBe('wiped');
    expect(await textOf(servers.plain, 'read')).toBe('ada');
  });
});

describe('servers that cannot be told apart', () => {
  const starting = (...imports: ReturnType<typeof McpModule.forRoot>[]) =>
    startApp({ imports }).catch((error: unknown) => error);

  it.each(PLATFORMS)('fail at boot when they share a path on %s', async (platform) => {
    const imports = [
      McpModule.forRoot({ name: 'a', path: '/mcp' }),
      McpModule.forRoot({ name: 'b', path: '/MCP/' }),
    ];
    const error = await startApp({ platform, imports }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(McpConfigurationError);
    expect(String(error)).toMatch(/option path: .*"a"/);
    expect(String(error)).toMatch(/option path: .*"b"/);
  });

  it('fail at boot when forRoot() is called twice instead of shared', async () => {
    expect(await starting(McpModule.forRoot(), McpModule.forRoot())).toMatchObject({
      message: expect.stringContaining('import one and the same forRoot()'),
    });
  });

  it('fail at boot when they share a name, or have none', async () => {
    expect(
      await starting(
        McpModule.forRoot({ name: 'a', path: '/a' }),
        McpModule.forRootAsync({ useFactory: () => ({ name: 'a', path: '/b' }) }),
      ),
    ).toMatchObject({ code: 'MCP_CONFIGURATION', message: expect.stringContaining('both called "a"') });
    expect(
      await starting(McpModule.forRoot({ path: '/a' }), McpModule.forRoot({ path: '/b' })),
    ).toMatchObject({ message: expect.stringContaining('have no name') });
  });

  it('fail at boot when forFeature() names none of them', async () => {
    expect(
      await starting(McpModule.forRoot({ name: 'a' }), McpModule.forFeature([UserTools], 'b')),
    ).toMatchObject({
      code: 'MCP_CONFIGURATION',
      message: 'McpModule.forFeature() adds to the server "b", but there is only the server "a"',
    });
    expect(await starting(McpModule.forRoot({ name: 'a' }), McpModule.forFeature([UserTools]))).toMatchObject(
      {
        message: expect.stringContaining('the server without a name'),
      },
    );
  });
});

describe('a server that includes a module', () => {
  it('fails at boot when the application does not import it', async () => {
    const error = await startApp({ imports: [McpModule.forRoot({ include: [UserModule] })] }).catch(String);
    expect(error).toContain(
      'McpModule option include names UserModule, which is no module of this application',
    );
  });
});

describe('a server without tools', () => {
  const warningOf = async (imports: (logger: MemoryLogger) => unknown[]) => {
    const logger = new MemoryLogger();
    const app = await startApp({ imports: imports(logger) as never });
    await app.close();
    return logger.of('warn').find((line) => line.includes('has no')) ?? '';
  };

  it('warns, alone in its application', async () => {
    expect(await warningOf((logger) => [McpModule.forRoot({ logger })])).toContain(
      'This MCP server has no tools',
    );
  });

  it('warns, naming itself and the modules it looked at', async () => {
    const warning = await warningOf((logger) => [
      UserModule,
      McpModule.forRoot(),
      McpModule.forRoot({ name: 'empty', path: '/empty', include: [UserModule], logger }),
    ]);
    expect(warning).toContain('The MCP server "empty" has no tools');
    expect(warning).toContain('(UserModule)');
  });

  it('warns, saying how to add tools to one of several', async () => {
    const warning = await warningOf((logger) => [
      McpModule.forRoot({ name: 'a', path: '/a', include: [] }),
      McpModule.forRoot({ logger }),
    ]);
    expect(warning).toContain('McpModule.forFeature([...])');
    expect(warning).not.toContain('undefined');
  });
});
