import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import {
  InProcessNotificationBus,
  McpCompletion,
  McpModule,
  McpPrompt,
  McpRegistry,
  McpResource,
} from 'nestjs-mcp-adapters';
import type { BusEvent } from 'nestjs-mcp-adapters/adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { MATRIX, resultsIn } from '../../support/ask.js';
import { createPoster } from '../../support/http.js';

@Injectable()
class Shared {
  @McpPrompt() leaked() {
    return '';
  }
  @McpResource({ uri: 'x://leaked' }) leakedResource() {
    return '';
  }
}

@Module({ providers: [Shared], exports: [Shared] })
class SharedModule {}

@Injectable()
class Books {
  constructor(
    readonly registry: McpRegistry,
    readonly shared: Shared,
  ) {}

  @McpPrompt({ arguments: [{ name: 'a' }] }) same() {
    return 'book';
  }
  @McpCompletion({ prompt: 'same', argument: 'a' }) complete() {
    return ['book'];
  }
  @McpResource({ uri: 'x://same' }) resource() {
    return 'book';
  }
  @McpResource({ uriTemplate: 'x://book/{id}' }) template() {
    return 'book';
  }
}

@Injectable()
class Films {
  constructor(readonly registry: McpRegistry) {}

  @McpPrompt({ arguments: [{ name: 'a' }] }) same() {
    return 'film';
  }
  @McpCompletion({ prompt: 'same', argument: 'a' }) complete() {
    return ['film'];
  }
  @McpResource({ uri: 'x://same' }) resource() {
    return 'film';
  }
}

describe.each(MATRIX)('two servers of one application on %s, %s', (platform, era) => {
  let app: TestApp;
  const bus = new InProcessNotificationBus();
  const askOf = (path: string) => resultsIn({ post: createPoster(app.origin + path) }, era);

  beforeAll(async () => {
    const books = McpModule.forRoot({ name: 'books', path: '/books', notificationBus: bus, pageSize: 1 });
    const films = McpModule.forRoot({ name: 'films', path: '/films', notificationBus: bus, pageSize: 1 });
    app = await startApp({
      platform,
      imports: [
        SharedModule,
        books,
        films,
        McpModule.forFeature([Books], 'books', { imports: [books, SharedModule] }),
        McpModule.forFeature([Films], 'films', { imports: [films] }),
      ],
    });
  });
  afterAll(() => app.close());

  it('show only what is theirs', async () => {
    for (const [path, templates] of [
      ['/books', 1],
      ['/films', 0],
    ] as const) {
      const ask = askOf(path);
      expect((await ask('prompts/list')).prompts.map(({ name }: any) => name)).toEqual(['same']);
      expect((await ask('resources/list')).resources.map(({ uri }: any) => uri)).toEqual(['x://same']);
      expect((await ask('resources/templates/list')).resourceTemplates).toHaveLength(templates);
    }
  });

  it.each([
    ['/books', 'book'],
    ['/films', 'film'],
  ])('%s runs its own handlers behind equal names', async (path, text) => {
    const ask = askOf(path);
    expect((await ask('prompts/get', { name: 'same' })).messages[0].content.text).toBe(text);
    expect((await ask('resources/read', { uri: 'x://same' })).contents[0].text).toBe(text);
    const ref = { type: 'ref/prompt', name: 'same' };
    expect(
      (await ask('completion/complete', { ref, argument: { name: 'a', value: '' } })).completion.values,
    ).toEqual([text]);
  });

  it('fail to read what only the other one has', async () => {
    await expect(askOf('/films')('resources/read', { uri: 'x://book/1' })).rejects.toThrow(
      'Resource not found',
    );
  });

  it('have a registry each, and say on a common bus whose list has changed', async () => {
    const events: BusEvent[] = [];
    const unsubscribe = await bus.subscribe((event) => void events.push(event));
    const [ofBooks, ofFilms] = [Books, Films].map(
      (type) => app.app.get<Books | Films>(type, { strict: false }).registry,
    );
    expect(ofBooks).not.toBe(ofFilms);
    await ofBooks?.addPrompt({ name: 'added' }, () => '');
    const { prompts, nextCursor } = await askOf('/books')('prompts/list');
    expect(prompts.map(({ name }: any) => name)).toEqual(['added']);
    expect((await askOf('/films')('prompts/list')).prompts.map(({ name }: any) => name)).toEqual(['same']);
    await expect(askOf('/films')('prompts/list', { cursor: nextCursor })).rejects.toThrow('cursor');
    expect(events).toEqual([{ type: 'list_changed', server: 'books', list: 'prompts' }]);
    await ofBooks?.removePrompt('added');
    await unsubscribe();
  });
});

describe('a global module', () => {
  @Injectable()
  class Plugin {
    constructor(readonly registry: McpRegistry) {}
  }

  @Module({ providers: [Plugin] })
  class PluginModule {}

  it.each([
    ['forRoot', () => McpModule.forRoot({ isGlobal: true })],
    ['forRootAsync', () => McpModule.forRootAsync({ isGlobal: true, useFactory: () => ({}) })],
  ])('(%s) lets any module inject the registry', async (_, server) => {
    const app = await startApp({ imports: [PluginModule, server()] });
    await app.app.get(Plugin, { strict: false }).registry.addResource({ uri: 'x://1' }, () => 'plugged in');
    const { contents } = await resultsIn(app, 'modern')('resources/read', { uri: 'x://1' });
    expect(contents[0].text).toBe('plugged in');
    await app.close();
  });
});
