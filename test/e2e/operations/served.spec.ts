import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, NotFoundException, type OnModuleInit } from '@nestjs/common';
import { IsOptional, IsString } from 'class-validator';
import {
  McpModule,
  McpPrompt,
  McpRegistry,
  McpResource,
  McpTool,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX } from '../../support/ask.js';
import { modern } from '../../support/http.js';
import { z } from 'zod';

class CityDto {
  @IsString()
  city!: string;

  @IsOptional()
  @IsString()
  country?: string;
}

@Injectable()
class Places implements OnModuleInit {
  constructor(private readonly registry: McpRegistry) {}

  async onModuleInit() {
    await this.registry.addTool({ name: 'added' }, () => '');
  }

  @McpTool()
  find({ city }: CityDto) {
    if (city === 'Atlantis') throw new NotFoundException('There is no such city');
    return { city, text: '"isError":true' };
  }

  @McpTool({ name: 'count', input: z.object({ max: z.number().optional() }) })
  count() {
    return 1;
  }

  @McpTool()
  async ask(_: object, ctx: McpContext) {
    await ctx.elicit({ message: 'Which?', schema: { type: 'object', properties: {} } });
  }

  @McpResource({ uri: 'test://map', name: 'map' })
  map() {
    return 'map';
  }

  @McpResource({ uriTemplate: 'test://{city}/map', name: 'city map' })
  cityMap() {
    return 'map';
  }

  @McpPrompt()
  plan({ city }: CityDto) {
    return city;
  }
}

const lines: { level: string; text: string }[] = [];
const keep = (level: string) => (text: unknown) => void lines.push({ level, text: String(text) });
const logger = { log: keep('log'), warn: keep('warn'), error: keep('error'), debug: keep('debug') };
const of = (level: string) => lines.filter((line) => line.level === level).map(({ text }) => text);

describe.each(MATRIX)('on %s, for %s clients,', (platform, era) => {
  let app: TestApp;
  beforeEach(async () => {
    lines.length = 0;
    const principal = ({ headers }: any) => (headers['x-user'] ? { subject: headers['x-user'] } : undefined);
    app = await startApp({
      platform,
      imports: [McpModule.forRoot({ logger, principal })],
      providers: [Places],
    });
  });
  afterEach(() => app.close());

  it('the start says what is served, with class and schema', () => {
    expect(of('log').filter((line) => line.startsWith('Mapped'))).toEqual([
      'Mapped {added} tool: McpRegistry.addTool("added")()',
      'Mapped {ask} tool: Places.ask()',
      'Mapped {count} tool: Places.count({ max? })',
      'Mapped {find} tool: Places.find({ city, country? })',
      'Mapped {test://map} resource: Places.map()',
      'Mapped {test://{city}/map} resource template: Places.cityMap()',
      'Mapped {plan} prompt: Places.plan({ city, country? })',
    ]);
  });

  it('each call is one line at debug, with caller, time and outcome', async () => {
    const ask = askIn(app, era);
    const ada = { 'x-user': 'ada' };
    await ask('tools/call', { name: 'find', arguments: { city: 'Rome' } }, ada);
    await ask('tools/call', { name: 'find', arguments: { city: 'Atlantis' } });
    await ask(
      'tools/call',
      { name: 'unknown\n\u2028line' },
      { 'mcp-name': '=?base64?dW5rbm93bgrigKhsaW5l?=' },
    );
    await ask('resources/read', { uri: 'test://map' }, ada);
    await ask('prompts/get', { name: 'plan', arguments: { city: 'Rome' } });
    await ask('tools/list');
    const calls = of('debug').filter((line) => / ms$/.test(line));
    expect(calls.map((line) => line.replace(/[\d.]+ ms$/, 'N ms'))).toEqual([
      'tools/call "find" by "ada": ok, N ms',
      'tools/call "find" by nobody in particular: error result, N ms',
      'tools/call "unknown\\n line" by nobody in particular: error -32602, N ms',
      'resources/read "test://map" by "ada": ok, N ms',
      'prompts/get "plan" by nobody in particular: ok, N ms',
    ]);
  });

  it('a call that asks its client is said to', async () => {
    const [body, headers] = modern(
      'tools/call',
      { name: 'ask', arguments: {} },
      { capabilities: { elicitation: {} } },
    );
    await app.post(body, headers);
    expect(of('debug')).toContainEqual(expect.stringMatching(/^tools\/call "ask" by .*: asks its client, /));
  });
});
