import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Headers, Injectable, ParseIntPipe, UseGuards, type CanActivate } from '@nestjs/common';
import { McpArgs, McpContext, McpCtx, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { resultOf, textOf, toolNames } from './calls.js';

class DenyGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

abstract class CrudTools {
  protected abstract readonly kind: string;

  @McpTool()
  find(args: { id: number }, ctx: McpContext) {
    return { kind: this.kind, id: args.id, isContext: ctx instanceof McpContext };
  }

  @McpTool()
  @UseGuards(DenyGuard)
  remove() {
    return 'removed';
  }

  @McpTool()
  hidden() {}

  @McpTool()
  update(
    @McpArgs('count', ParseIntPipe) _count: number,
    @McpCtx() _ctx: McpContext,
    @Headers('x-base') _base: string,
  ) {}
}

@Injectable()
class UserTools extends CrudTools {
  protected readonly kind = 'user';

  override hidden() {}

  @McpTool({ description: 'Other parameters than those of the method it overrides' })
  override update(@McpCtx() ctx: any, @McpArgs('id') id: any, @Headers('x-own') own: any) {
    return { isContext: ctx instanceof McpContext, id, own };
  }
}

describe('inherited tools', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot()], providers: [UserTools] });
  });
  afterAll(() => app.close());

  it('run on the subclass with the parameters of the base class', async () => {
    const { structuredContent } = await resultOf(app, 'find', { args: { id: 7 } });
    expect(structuredContent).toEqual({ kind: 'user', id: 7, isContext: true });
  });

  it('keep their guards', async () => {
    expect(await textOf(app, 'remove')).toBe('Forbidden resource');
  });

  it('are gone when overridden without @McpTool()', async () => {
    expect((await toolNames(app)).toSorted()).toEqual(['find', 'remove', 'update']);
  });

  it('have the parameters of the overriding method when overridden with @McpTool()', async () => {
    const headers = { 'x-own': 'mine', 'x-base': 'theirs' };
    const { structuredContent } = await resultOf(app, 'update', { args: { id: 7 }, headers });
    expect(structuredContent).toEqual({ isContext: true, id: 7, own: 'mine' });
  });
});
