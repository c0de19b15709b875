import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  BadRequestException,
  Catch,
  Inject,
  Injectable,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  type CanActivate,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { map } from 'rxjs';
import {
  McpArgs,
  McpCompletion,
  McpContext,
  McpCtx,
  McpExecutionContext,
  McpModule,
  McpPrompt,
  McpResource,
} from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn } from '../../support/ask.js';

@Injectable()
class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    return context.switchToHttp().getRequest().headers.authorization === 'Bearer let-me-in';
  }
}

@Injectable()
class Upper {
  intercept(context: ExecutionContext, next: any) {
    const { method } = McpExecutionContext.create(context).getContext().request;
    return next.handle().pipe(map((text: string) => `${method} ${text.toUpperCase()}`));
  }
}

@Injectable()
class Trim implements PipeTransform {
  transform(value: unknown) {
    if (value === 'bad') throw new BadRequestException(['name must be better']);
    return typeof value === 'string' ? value.trim() : value;
  }
}

@Catch(TypeError)
class ToText {
  catch(error: Error) {
    return `filtered ${error.message}`;
  }
}

@Injectable()
class Pipeline {
  @UseGuards(TokenGuard)
  @McpResource({ uri: 'x://guarded' })
  guarded() {
    return 'guarded';
  }

  @UseInterceptors(Upper)
  @McpResource({ uriTemplate: 'x://intercepted/{name}' })
  intercepted(@McpArgs('name', Trim) name: string, @McpCtx() _: McpContext, uri: string) {
    return `${name} at ${uri}`;
  }

  @UseFilters(ToText)
  @McpResource({ uri: 'x://filtered' })
  filtered() {
    throw new TypeError('type');
  }

  @UseGuards(TokenGuard)
  @UseInterceptors(Upper)
  @UsePipes(new ValidationPipe())
  @McpPrompt({ arguments: [{ name: 'name' }], complete: { name: () => ['beside'] } })
  prompt(@McpArgs('name', Trim) name: string) {
    return `prompt ${name}`;
  }

  @McpPrompt({ arguments: [{ name: 'a' }] })
  other() {
    return '';
  }

  @UseGuards(TokenGuard)
  @McpCompletion({ prompt: 'other', argument: 'a' })
  complete(@McpArgs(Trim) value: string) {
    return [value];
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  static made = 0;
  readonly number = ++PerRequest.made;

  constructor(@Inject(REQUEST) private readonly request: any) {}

  @McpResource({ uriTemplate: 'x://scoped/{id}', complete: { id: () => ['unscoped'] } })
  scoped({ id }: { id: string }, _: McpContext, uri: string) {
    return { id, uri, header: this.request.headers['x-who'], number: this.number };
  }
}

const TOKEN = { authorization: 'Bearer let-me-in' };

describe.each(MATRIX)(
  'resources, prompts and completions in the pipeline of Nest, on %s, %s',
  (platform, era) => {
    let app: TestApp;

    beforeAll(async () => {
      app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Pipeline, PerRequest] });
    });
    afterAll(() => app.close());

    const textOf = async (method: string, params: Record<string, unknown>, headers = {}) => {
      const result = await resultsIn(app, era)(method, params, headers);
      return (
        result.contents?.[0].text ?? result.messages?.[0].content.text ?? result.completion.values.join()
      );
    };
    const completion = (name: string, argument: string, value = '') => ({
      ref: { type: 'ref/prompt', name },
      argument: { name: argument, value },
    });

    it.each([
      ['resources/read', { uri: 'x://guarded' }, 'guarded'],
      ['prompts/get', { name: 'prompt', arguments: { name: ' ada ' } }, 'prompts/get PROMPT ADA'],
      ['completion/complete', completion('prompt', 'name'), 'beside'],
      ['completion/complete', completion('other', 'a', ' x '), 'x'],
    ])('%s is for those whom the guard lets in', async (method, params, text) => {
      expect(await textOf(method, params, TOKEN)).toBe(text);
      const { json } = await askIn(app, era)(method, params);
      expect(json.error).toEqual({ code: -32602, message: 'Forbidden resource' });
    });

    it('interceptors and pipes see and change what handlers take and return', async () => {
      expect(await textOf('resources/read', { uri: 'x://intercepted/%20a%20' })).toBe(
        'resources/read A AT X://INTERCEPTED/%20A%20',
      );
    });

    it('a pipe refuses with its messages', async () => {
      const { json } = await askIn(app, era)('resources/read', { uri: 'x://intercepted/bad' });
      expect(json.error).toEqual({ code: -32602, message: 'name must be better' });
    });

    it('a filter replaces what was thrown', async () => {
      expect(await textOf('resources/read', { uri: 'x://filtered' })).toBe('filtered type');
    });

    it('a request-scoped provider is made anew for each call', async () => {
      const read = async () =>
        JSON.parse(await textOf('resources/read', { uri: 'x://scoped/1' }, { 'x-who': 'me' }));
      const [first, second] = [await read(), await read()];
      expect(first).toMatchObject({ id: '1', uri: 'x://scoped/1', header: 'me' });
      expect(second.number).toBe(first.number + 1);
      const ref = { type: 'ref/resource', uri: 'x://scoped/{id}' };
      expect(await textOf('completion/complete', { ref, argument: { name: 'id', value: '' } })).toBe(
        'unscoped',
      );
    });
  },
);
