import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ForbiddenException,
  Injectable,
  Query,
  Req,
  UseGuards,
  type CanActivate,
  type Type,
} from '@nestjs/common';
import { McpContext, McpCtx, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { EMPTY, from, of, throwError } from 'rxjs';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { resultOf } from './calls.js';

/** Every way to take parameters and to give a result that Nest knows of. */
function toolsClass(prefix: string): Type {
  @Injectable()
  class Tools {
    private readonly greeting = 'Hello';

    @McpTool({ name: `${prefix}_this` })
    usesThis() {
      return this.greeting;
    }

    @McpTool({ name: `${prefix}_promise`, input: { type: 'object' } })
    async promise(args: { text: string }, ctx: McpContext) {
      return `${args.text} ${ctx instanceof McpContext}`;
    }

    @McpTool({ name: `${prefix}_parameters` })
    parameters(@Req() request: { method: string }, @McpCtx() ctx: McpContext, @Query('q') query: string) {
      return `${request.method} ${ctx.request.method} ${query}`;
    }

    @McpTool({ name: `${prefix}_observable` })
    observable() {
      return from(['first', 'last']);
    }

    @McpTool({ name: `${prefix}_late_observable` })
    async lateObservable() {
      return of('late');
    }

    @McpTool({ name: `${prefix}_empty_observable` })
    emptyObservable() {
      return EMPTY;
    }

    @McpTool({ name: `${prefix}_failing_observable` })
    failingObservable() {
      return throwError(() => new ForbiddenException('Not this one'));
    }

    @McpTool({ name: `${prefix}_throws` })
    throws() {
      throw new ForbiddenException('Not you');
    }

    @McpTool({ name: `${prefix}_nothing` })
    nothing() {}
  }
  return Tools;
}

const PlainTools = toolsClass('plain');
const GuardedTools = toolsClass('guarded');

@Injectable()
class LetThrough implements CanActivate {
  canActivate() {
    return true;
  }
}
UseGuards(LetThrough)(GuardedTools);

@Injectable()
class LetNobodyThrough implements CanActivate {
  canActivate() {
    return false;
  }
}

/** Guarded where only the class that takes its place can be seen. */
function proxied(): Type {
  @Injectable()
  class Tools {
    @McpTool()
    proxied() {
      return 'reached';
    }
  }
  const Proxied = new Proxy(Tools, {});
  UseGuards(LetNobodyThrough)(Proxied);
  return Proxied;
}

/** Guarded, and its prototype names another class as its own. */
function mixed(): Type {
  class Mixin {}
  @Injectable()
  @UseGuards(LetNobodyThrough)
  class Tools {
    @McpTool()
    mixed() {
      return 'reached';
    }
  }
  Object.defineProperty(Tools.prototype, 'constructor', { value: Mixin });
  return Tools;
}

const ProxiedTools = proxied();
const MixedTools = mixed();

describe.each(PLATFORMS)('a handler without enhancers, on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    const providers = [PlainTools, GuardedTools, ProxiedTools, MixedTools];
    app = await startApp({ imports: [McpModule.forRoot()], providers, platform });
  });
  afterAll(() => app.close());

  it.each([
    ['this', 'Hello'],
    ['promise', 'words true'],
    ['parameters', 'POST tools/call undefined'],
    ['observable', 'last'],
    ['late_observable', 'late'],
    ['failing_observable', 'Not this one'],
    ['throws', 'Not you'],
    ['nothing', undefined],
  ])('gives what Nest makes of it: %s', async (name, text) => {
    const options = name === 'promise' ? { args: { text: 'words' } } : {};
    const plain = await resultOf(app, `plain_${name}`, options);
    expect(plain.content[0]?.text).toBe(text);
    expect(plain).toEqual(await resultOf(app, `guarded_${name}`, options));
  });

  it('fails for an observable that gives nothing, as Nest makes it fail', async () => {
    for (const prefix of ['plain', 'guarded']) {
      expect((await resultOf(app, `${prefix}_empty_observable`)).isError).toBe(true);
    }
  });

  it.each(['proxied', 'mixed'])('is none where a guard stands elsewhere: %s', async (name) => {
    const { isError, content } = await resultOf(app, name);
    expect(isError).toBe(true);
    expect(content[0].text).not.toBe('reached');
  });
});
