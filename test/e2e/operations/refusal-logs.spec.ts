import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { IsInt, IsNumberString } from 'class-validator';
import { InMemorySessionAdapter, McpModule, McpPrompt, McpResource, McpTool } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { modern } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';

class CountDto {
  @IsInt()
  count!: number;
}

class PageDto {
  @IsNumberString()
  page!: string;
}

@Injectable()
class Primitives {
  @McpTool({ name: 'count' })
  count({ count }: CountDto) {
    return String(count);
  }

  @McpPrompt({ name: 'page' })
  page({ page }: PageDto) {
    return page;
  }

  @McpResource({ uriTemplate: 'book://pages/{page}', name: 'book' })
  book({ page }: PageDto) {
    return page;
  }
}

const BAD = [
  ['tools/call', { name: 'count', arguments: { count: 'a' } }, 'Tool count'],
  ['prompts/get', { name: 'page', arguments: { page: 'a' } }, 'Prompt page'],
  ['prompts/get', { name: 'page', arguments: { page: 1 } }, 'Prompt page'],
  ['resources/read', { uri: 'book://pages/a' }, 'Resource book'],
] as const;

describe.each(PLATFORMS)('what was refused for its arguments on %s', (platform) => {
  let app: TestApp;
  const debug: string[] = [];
  const louder: string[] = [];
  afterEach(() => app.close());

  it.each(BAD)('is one line at debug, in both eras: %s %j', async (method, params, who) => {
    const loud = (...all: unknown[]) => void louder.push(all.map(String).join(' '));
    const logger = {
      log: loud,
      warn: loud,
      error: loud,
      debug: (text: unknown) => void debug.push(String(text)),
    };
    app = await startApp({
      platform,
      imports: [McpModule.forRoot({ logger, sessionAdapter: new InMemorySessionAdapter() })],
      providers: [Primitives],
      wire: 'server',
    });
    const client = await SessionClient.open(app);
    for (const ask of [
      () => client.request(method, params),
      () => app.post(...modern(method, { ...params })),
    ]) {
      debug.splice(0);
      louder.splice(0);
      await ask();
      expect(debug.filter((line) => line.startsWith(who))).toEqual([expect.stringContaining('invalid')]);
      expect(louder).toEqual([]);
    }
  });
});
