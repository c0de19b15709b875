import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Injectable,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type CallHandler,
  type CanActivate,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { IsInt } from 'class-validator';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';

class Numbered {
  @IsInt() n!: number;
}

const ran: string[] = [];

const guard: CanActivate = { canActivate: () => ran.push('guard') > 0 };
const interceptor: NestInterceptor = {
  intercept(_context: unknown, next: CallHandler) {
    ran.push('interceptor');
    return next.handle();
  },
};
const pipe: PipeTransform = {
  transform(value: unknown) {
    ran.push('pipe');
    return value;
  },
};
const filter = { catch: () => void ran.push('filter') };

@UseGuards(guard)
@UseInterceptors(interceptor)
@UsePipes(pipe)
@UseFilters(filter)
@Injectable()
class Tools {
  @McpTool() dto(_args: Numbered) {
    ran.push('handler');
    return 'done';
  }

  @McpTool({ input: z.object({ n: z.number().int() }) }) zod(_args: { n: number }) {
    ran.push('handler');
    return 'done';
  }

  @McpTool({ input: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } })
  json(_args: unknown) {
    ran.push('handler');
    return 'done';
  }
}

describe.each(PLATFORMS)('arguments that do not fit, on %s', (platform) => {
  let app: TestApp;

  beforeEach(async () => {
    ran.length = 0;
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Tools] });
  });
  afterEach(() => app.close());

  const call = (era: string, name: string, args: object) => {
    const params = { name, arguments: args };
    const [body, headers] =
      era === 'modern' ? modern('tools/call', params) : [legacy('tools/call', params), {}];
    return app.post(body, { ...headers });
  };

  it.each(['legacy', 'modern'].flatMap((era) => ['dto', 'zod', 'json'].map((name) => ({ era, name }))))(
    'reach no guard, interceptor, pipe, filter or handler: $name, $era',
    async ({ era, name }) => {
      const { json } = await call(era, name, { n: 'not a number' });
      expect(json.result.isError).toBe(true);
      expect(json.result.content[0].text).toContain('n');
      expect(ran).toEqual([]);
      await call(era, name, { n: 1 });
      expect([...new Set(ran)]).toEqual(['guard', 'interceptor', 'pipe', 'handler']);
    },
  );
});
