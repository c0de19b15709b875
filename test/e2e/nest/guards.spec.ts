import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Injectable,
  Module,
  SetMetadata,
  UnauthorizedException,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { McpContext, McpExecutionContext, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { call, ERAS, resultOf, textOf } from './calls.js';

@Injectable()
class Keys {
  readonly known = ['secret'];
}

/** Written for controllers: knows nothing of MCP. */
@Injectable()
class KeyGuard implements CanActivate {
  constructor(private readonly keys: Keys) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    if (!this.keys.known.includes(request.headers['x-key'])) throw new UnauthorizedException('Who are you?');
    request.user = { sub: 'ada' };
    return true;
  }
}

@Injectable()
class RoleGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const role = this.reflector.getAllAndOverride<string>('role', [context.getHandler(), context.getClass()]);
    return context.switchToHttp().getRequest().headers['x-role'] === role;
  }
}

const seen: unknown[] = [];

class WitnessGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const mcp = McpExecutionContext.create(context);
    seen.push(context.getType(), context.getClass().name, context.getHandler().name, mcp.getArgs());
    return mcp.getContext().protocolVersion !== undefined;
  }
}

let ran = 0;

@Injectable()
class GuardedTools {
  @McpTool()
  @UseGuards(KeyGuard)
  keyed(_args: object, ctx: McpContext) {
    ran++;
    return (ctx.http?.request as { user: { sub: string } }).user.sub;
  }

  @McpTool()
  @UseGuards(WitnessGuard)
  witnessed(_args: Record<string, unknown>) {
    return 'fine';
  }

  @McpTool()
  open() {
    return 'open';
  }
}

@Injectable()
@UseGuards(RoleGuard)
@SetMetadata('role', 'reader')
class RoleTools {
  @McpTool()
  read() {
    return 'read';
  }

  @McpTool()
  @SetMetadata('role', 'writer')
  write() {
    return 'written';
  }
}

@Module({ providers: [Keys, GuardedTools, RoleTools] })
class FeatureModule {}

describe.each(PLATFORMS)('guards on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot(), FeatureModule] });
  });
  afterAll(() => app.close());

  describe.each(ERAS)('in the %s era', (era) => {
    it('let a call through, with what they put on the request', async () => {
      expect(await textOf(app, 'keyed', { era, headers: { 'x-key': 'secret' } })).toBe('ada');
    });

    it('keep a call from the handler and tell the client why', async () => {
      const before = ran;
      const result = await resultOf(app, 'keyed', { era, headers: { 'x-key': 'guess' } });
      expect(result).toMatchObject({ isError: true, content: [{ type: 'text', text: 'Who are you?' }] });
      expect(ran).toBe(before);
    });

    it('read metadata of the method before that of the class', async () => {
      expect(await textOf(app, 'read', { era, headers: { 'x-role': 'reader' } })).toBe('read');
      expect(await textOf(app, 'write', { era, headers: { 'x-role': 'writer' } })).toBe('written');
    });

    it('answer as Nest does when they say no without a reason', async () => {
      const result = await resultOf(app, 'write', { era, headers: { 'x-role': 'reader' } });
      expect(result).toMatchObject({ isError: true, content: [{ text: 'Forbidden resource' }] });
    });
  });

  it('see the class, the method, the arguments and the context of an MCP call', async () => {
    seen.length = 0;
    await call(app, 'witnessed', { args: { city: 'Graz' } });
    expect(seen).toEqual(['mcp', 'GuardedTools', 'witnessed', { city: 'Graz' }]);
  });

  it('leave other methods of the class alone', async () => {
    expect(await textOf(app, 'open')).toBe('open');
  });
});
