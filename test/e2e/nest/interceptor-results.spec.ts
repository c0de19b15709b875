import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ClassSerializerInterceptor,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import {
  inputRequired,
  McpCompletion,
  McpModule,
  McpPrompt,
  McpResource,
  McpTool,
  toolResult,
} from 'nestjs-mcp-adapters';
import { map, of } from 'rxjs';
import { z } from 'zod';
import { PLATFORMS, startApp, type Platform, type TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';

const BYTES = Uint8Array.from([104, 101, 254, 255]);
const BASE64 = Buffer.from(BYTES).toString('base64');

@Injectable()
class Kinds {
  @McpTool() text() {
    return 'hello';
  }
  @McpTool() blocks() {
    return [{ type: 'text', text: 'hello' }];
  }
  @McpTool() full() {
    return { content: [{ type: 'text', text: 'hello' }], isError: true };
  }
  @McpTool({ output: z.looseObject({}) }) whole() {
    return toolResult({ content: [{ type: 'text', text: 'hello' }], structuredContent: { a: 1 } });
  }
  @McpTool({ output: z.object({ a: z.number() }) }) structure() {
    return { a: 1 };
  }
  @McpTool() value() {
    return { a: 1, list: [{ b: null }] };
  }
  @McpTool() block() {
    return { type: 'text', text: 'hello' };
  }
  @McpTool() marked() {
    return toolResult({ content: [{ type: 'text', text: 'hello' }], isError: true });
  }
  @McpTool() none() {
    return null;
  }
  @McpTool() nothing() {}
  @McpTool() observable() {
    return of('first', 'last');
  }

  @McpResource({ uri: 'test://text' }) resourceText() {
    return 'hello';
  }
  @McpResource({ uri: 'test://bytes' }) resourceBytes() {
    return BYTES;
  }
  @McpResource({ uri: 'test://blob' }) async resourceBlob() {
    return { blob: BYTES, mimeType: 'image/png' };
  }
  @McpResource({ uri: 'test://contents' }) resourceContents() {
    return {
      contents: [
        { uri: 'test://a', blob: BYTES },
        { uri: 'test://b', text: 'hello' },
      ],
    };
  }
  @McpResource({ uri: 'test://list' }) resourceList() {
    return of([{ uri: 'test://a', blob: BYTES }]);
  }
  @McpResource({ uri: 'test://question' }) resourceQuestion() {
    return inputRequired({ requestState: 'card=4111' });
  }

  @McpPrompt() promptText() {
    return 'hello';
  }
  @McpPrompt() promptMessages() {
    return [{ role: 'user', content: { type: 'text', text: 'hello' } }];
  }
  @McpPrompt() promptWhole() {
    return { description: 'Greets', messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }] };
  }
  @McpPrompt({ input: z.object({ city: z.string(), street: z.string() }) }) visit() {
    return 'hello';
  }
  @McpCompletion({ prompt: 'visit', argument: 'city' }) cities() {
    return ['Graz', 'Wien'];
  }
  @McpCompletion({ prompt: 'visit', argument: 'street' }) streets() {
    return { values: ['Ring'], total: 7, hasMore: true };
  }
  @McpPrompt() promptQuestion() {
    return inputRequired({ requestState: 'card=4111' });
  }
}

class Wrapping implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

const REQUESTS = [
  ...[
    'text',
    'blocks',
    'full',
    'whole',
    'structure',
    'value',
    'block',
    'marked',
    'none',
    'nothing',
    'observable',
  ].map((name) => ['tools/call', { name, arguments: {} }] as const),
  ...['text', 'bytes', 'blob', 'contents', 'list'].map(
    (name) => ['resources/read', { uri: `test://${name}` }] as const,
  ),
  ...['promptText', 'promptMessages', 'promptWhole'].map((name) => ['prompts/get', { name }] as const),
  ...['city', 'street'].map(
    (name) =>
      [
        'completion/complete',
        { ref: { type: 'ref/prompt', name: 'visit' }, argument: { name, value: '' } },
      ] as const,
  ),
];

function start(platform: Platform, interceptor?: new () => NestInterceptor | ClassSerializerInterceptor) {
  return startApp({
    platform,
    imports: [McpModule.forRoot()],
    providers: [
      Kinds,
      ...(interceptor ? [{ provide: APP_INTERCEPTOR, useClass: interceptor as never }] : []),
    ],
  });
}

type Post = [body: object, headers: Record<string, string>];
const ERAS: Record<string, (method: string, params: Record<string, unknown>) => Post> = {
  legacy: (method, params) => [legacy(method, params, 1), {}],
  modern: (method, params) => [...modern(method, params, { id: 1 })] as Post,
};

describe.each(PLATFORMS)('on %s', (platform) => {
  const apps: TestApp[] = [];
  beforeEach(() => void apps.splice(0));
  afterEach(async () => {
    for (const app of apps) await app.close();
  });

  describe.each(Object.entries(ERAS))('for %s clients', (_era, request) => {
    it('no kind of result is changed by ClassSerializerInterceptor', async () => {
      apps.push(await start(platform), await start(platform, ClassSerializerInterceptor as never));
      for (const [method, params] of REQUESTS) {
        const [plain, serialised] = await Promise.all(
          apps.map(async (app) => (await app.post(...request(method, params))).json),
        );
        expect({ params, ...serialised }).toEqual({ params, ...plain });
        expect(plain.result).toBeDefined();
      }
    });
  });

  it('bytes of resources are bytes behind ClassSerializerInterceptor', async () => {
    apps.push(await start(platform, ClassSerializerInterceptor as never));
    for (const name of ['bytes', 'blob', 'contents', 'list']) {
      const { json } = await (apps[0] as TestApp).post(
        ...modern('resources/read', { uri: `test://${name}` }),
      );
      expect(json.result.contents[0].blob).toBe(BASE64);
    }
  });

  it.each([
    ['ClassSerializerInterceptor', ClassSerializerInterceptor],
    ['an interceptor that wraps results', Wrapping],
  ])('questions of resources and prompts are asked behind %s', async (_name, interceptor) => {
    apps.push(await start(platform, interceptor as never));
    for (const [method, params] of [
      ['resources/read', { uri: 'test://question' }],
      ['prompts/get', { name: 'promptQuestion' }],
    ] as const) {
      const { json, text } = await (apps[0] as TestApp).post(...modern(method, params));
      expect(json.result.resultType).toBe('input_required');
      expect(text).not.toContain('4111');
    }
  });

  it('an interceptor that wraps results makes values of them', async () => {
    apps.push(await start(platform, Wrapping));
    const [app] = apps as [TestApp];
    const call = async (name: string) =>
      (await app.post(...modern('tools/call', { name, arguments: {} }))).json.result;
    expect((await call('text')).structuredContent).toEqual({ data: 'hello' });
    expect((await call('full')).structuredContent.data.isError).toBe(true);
    // A result that does not match the output schema is refused.
    expect((await call('structure')).isError).toBe(true);
  });

  it.each(Object.entries(ERAS))(
    'an interceptor that wraps results makes JSON of resources, for %s clients',
    async (_era, request) => {
      apps.push(await start(platform, Wrapping));
      for (const name of ['text', 'bytes', 'blob', 'contents', 'list']) {
        const { json } = await (apps[0] as TestApp).post(
          ...request('resources/read', { uri: `test://${name}` }),
        );
        const [content] = json.result.contents;
        expect(content.mimeType).toBe('application/json');
        expect(Object.keys(JSON.parse(content.text))).toEqual(['data']);
      }
    },
  );

  it.each(Object.entries(ERAS))(
    'what an interceptor leaves of prompts and completions is an error where it is none, for %s clients',
    async (_era, request) => {
      apps.push(await start(platform, Wrapping));
      const refused = REQUESTS.filter(([method]) => /^(prompts|completion)/.test(method));
      expect(refused).toHaveLength(5);
      for (const [method, params] of refused) {
        const { json } = await (apps[0] as TestApp).post(...request(method, params));
        expect(json.error.code).toBe(-32603);
        expect(json.error.message).toMatch(/^Internal error \(reference [-0-9a-f]{36}\)$/);
      }
    },
  );
});
