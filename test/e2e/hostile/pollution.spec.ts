import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsOptional, IsString, ValidateNested } from 'class-validator';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  McpPrompt,
  McpResource,
  McpTool,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { PLATFORMS, startApp, type Platform, type TestApp } from '../../support/app.js';
import { modern } from '../../support/http.js';
import { accept } from '../conversations/fixture.js';
import { SessionClient } from '../../support/session-client.js';

/** Members that reach for the prototype of everything, as text: a literal would set the prototype of itself. */
const EVIL = [
  '"__proto__":{"polluted":"yes"}',
  '"constructor":{"prototype":{"polluted":"yes"}}',
  '"prototype":{"polluted":"yes"}',
  '"constructor":{"polluted":"yes"}',
  '"__proto__":null',
  '"__proto__":[]',
  '"toString":{"polluted":"yes"},"valueOf":1,"hasOwnProperty":1,"then":"yes"',
];

class InnerDto {
  @IsOptional()
  @IsString()
  city?: string;
}

class OuterDto {
  @IsOptional()
  @ValidateNested()
  @Type(() => InnerDto)
  inner?: InnerDto;

  @IsOptional()
  free?: object;
}

const seen: unknown[] = [];

/** Lists the properties that a handler would find on a value that it was not given. */
function look(value: any): string {
  seen.push(value);
  return [value?.polluted, value?.inner?.polluted, value?.free?.polluted, ({} as any).polluted].join();
}

@Injectable()
class Handlers {
  @McpTool({ name: 'dto' })
  dto(args: OuterDto) {
    return look(args);
  }

  @McpTool({ name: 'json', input: { type: 'object' } })
  json(args: object) {
    return look(args);
  }

  @McpTool({ name: 'zod', input: z.looseObject({ inner: z.looseObject({}).optional() }) })
  zod(args: object) {
    return look(args);
  }

  @McpTool({ name: 'ask', input: { type: 'object' } })
  async ask(_args: object, ctx: McpContext) {
    const schema = { type: 'object', properties: { say: { type: 'string' } } } as const;
    const answer = await ctx.elicit({ message: '?', schema });
    return answer.action === 'accept' ? look(answer.content) : answer.action;
  }

  @McpTool({ name: 'state', input: { type: 'object' } })
  async state(args: object, ctx: McpContext) {
    for (const key of ['__proto__', 'constructor', 'prototype']) await ctx.session.set(key, args);
    return look(await ctx.session.get('polluted'));
  }

  @McpResource({ name: 'query', uriTemplate: 'query://{host}/{?__proto__,constructor,q}' })
  query(variables: object) {
    return look(variables);
  }

  @McpPrompt({ name: 'prompt', arguments: [{ name: 'who' }] })
  prompt(args: object) {
    return look(args);
  }
}

let app: TestApp;
afterEach(async () => {
  expect(({} as any).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  await app.close();
});

function start(platform: Platform): Promise<TestApp> {
  seen.length = 0;
  return startApp({
    platform,
    wire: false,
    imports: [
      McpModule.forRoot({
        sessionAdapter: new InMemorySessionAdapter(),
        clientRequestAdapter: new InMemoryClientRequestAdapter(),
      }),
    ],
    providers: [Handlers],
  });
}

describe.each(PLATFORMS)('keys that reach for prototypes on %s', (platform) => {
  it.each(EVIL)('do no harm in arguments, prompts, state and _meta: %s', async (evil) => {
    app = await start(platform);
    const client = await SessionClient.open(app);
    const spread = (text: string) => text.replace('"EVIL":1', () => evil);
    const bodies = [
      ...['dto', 'json', 'zod', 'state'].flatMap((name) => [
        { name, arguments: { EVIL: 1 } },
        { name, arguments: { inner: { EVIL: 1 }, free: { EVIL: 1 } } },
      ]),
      { name: 'json', arguments: {}, _meta: { EVIL: 1 } },
      { name: 'json', arguments: {}, EVIL: 1 },
    ].map((params) => ['tools/call', params] as const);
    const prompt = ['prompts/get', { name: 'prompt', arguments: { EVIL: 1 } }] as const;
    const discovery = [
      'initialize',
      {
        protocolVersion: '2025-11-25',
        capabilities: { EVIL: 1 },
        clientInfo: { name: 'x', version: '1', EVIL: 1 },
      },
    ] as const;
    for (const [method, params] of [...bodies, prompt, discovery]) {
      const legacyCall = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const [modernCall, headers] = modern(method, { ...params }, { meta: { EVIL: 1 } });
      for (const answer of [
        await client.post(spread(legacyCall)),
        await client.post(spread(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, EVIL: 1 }))),
        await app.post(spread(JSON.stringify(modernCall)), headers),
      ]) {
        expect([200, 400, 404]).toContain(answer.status);
        const [content] = answer.json.result?.content ?? [];
        if (content && !answer.json.result.isError && method === 'tools/call') {
          // A member that was given is a member; nothing comes from a prototype.
          expect(content.text.split(',').at(-1)).toBe('');
        }
      }
    }
    for (const value of seen) expect(isPlain(value)).toBe(true);
  });

  it.each(EVIL)('do no harm in answers: %s', async (evil) => {
    app = await start(platform);
    const capabilities = { elicitation: {} };
    const client = await SessionClient.open(app, { capabilities });
    const call = client.begin('ask');
    const question = await call.message(({ method }) => method === 'elicitation/create');
    const answer = (rest: object) => JSON.stringify(rest).replace('"EVIL":1', () => evil);
    const content = { say: 'x', EVIL: 1 };
    await client.post(answer({ jsonrpc: '2.0', id: question.id, result: accept(content) }));
    const first = await Promise.race([
      call.closed.then(() => call.messages.at(-1)),
      refused(client, evil, question.id),
    ]);
    expect(first.result.content[0].text).toMatch(/^(?:yes)?,,,$|^decline$/);
    call.cut();

    const params = { name: 'ask', arguments: {} };
    const [asking, headers] = modern('tools/call', params, { capabilities });
    const { requestState } = (await app.post(asking, headers)).json.result;
    const responses = { elicitation_1: accept(content), EVIL: 1 };
    const [retry] = modern(
      'tools/call',
      { ...params, inputResponses: responses, requestState },
      { capabilities },
    );
    const text = JSON.stringify(retry).replaceAll('"EVIL":1', () => evil);
    expect([200, 400]).toContain((await app.post(text, headers)).status);
  });

  it('do no harm in the variables of a template, nor as a name of anything', async () => {
    app = await start(platform);
    const client = await SessionClient.open(app);
    for (const uri of [
      'query://h/?__proto__=x&constructor=y&q=1',
      'query://__proto__/?q=__proto__',
      'query://h/?q[__proto__][polluted]=yes',
      'query://h/?__proto__.polluted=yes',
    ]) {
      const answer = await app.post(...modern('resources/read', { uri }));
      expect([200, 400]).toContain(answer.status);
    }
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
      for (const [method, params] of [
        ['tools/call', { name, arguments: {} }],
        ['prompts/get', { name }],
        ['completion/complete', { ref: { type: 'ref/prompt', name }, argument: { name, value: '' } }],
        ['completion/complete', { ref: { type: name, name }, argument: { name, value: '' } }],
        ['logging/setLevel', { level: name }],
      ] as const) {
        const answer = await client.request(method, params);
        expect(answer.status).toBe(200);
        // Nothing has completers here.
        const code = method === 'completion/complete' ? -32601 : -32602;
        expect(answer.json.error?.code ?? code).toBe(code);
      }
    }
    for (const value of seen) expect(isPlain(value)).toBe(true);
  });
});

/** Fastify itself refuses some of these bodies: then the client declines. */
async function refused(client: SessionClient, evil: string, id: string): Promise<any> {
  if (!/__proto__|"constructor":\{"prototype"/.test(evil)) return new Promise(() => {});
  await client.post({ jsonrpc: '2.0', id, result: { action: 'decline' } });
  return new Promise(() => {});
}

/** True if the prototypes of a value are unchanged. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isProper =
    prototype === null || [Object, Array, OuterDto, InnerDto].some((type) => type.prototype === prototype);
  return isProper && Object.values(value).every(isPlain);
}
