import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Min } from 'class-validator';
import { McpContext, McpModule, McpResource } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn, type Ask } from '../../support/ask.js';

class PageDto {
  @IsIn(['books', 'authors']) shelf!: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) page?: number;
}

const shown = (method: string) => (variables: object) => JSON.stringify({ method, ...variables });

@Injectable()
class Library {
  @McpResource({ uriTemplate: 'lib://item/{id}/data', mimeType: 'application/json', description: 'One item' })
  item(variables: { id: string }, _: McpContext, uri: string) {
    return { id: variables.id, uri };
  }

  @McpResource({ uriTemplate: 'lib://item/special/{part}' })
  special(variables: object) {
    return shown('special')(variables);
  }

  @McpResource({ uriTemplate: 'lib://item/{+rest}' })
  anything(variables: object) {
    return shown('anything')(variables);
  }

  @McpResource({ uri: 'lib://item/fixed/data' })
  fixed() {
    return 'fixed';
  }

  @McpResource({ uriTemplate: 'lib://shelf/{shelf}{?page}' })
  shelf(variables: PageDto) {
    return JSON.stringify({ isDto: variables instanceof PageDto, ...variables });
  }

  @McpResource({ uriTemplate: 'lib://maybe/{id}' })
  maybe({ id }: { id: string }) {
    return id === 'there' ? 'yes' : undefined;
  }
}

describe.each(MATRIX)('resource templates on %s, %s', (platform, era) => {
  let app: TestApp;
  let ask: Ask;
  const contentOf = async (uri: string) => (await resultsIn(app, era)('resources/read', { uri })).contents[0];
  const read = async (uri: string) => JSON.parse((await contentOf(uri)).text);

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Library] });
    ask = askIn(app, era);
  });
  afterAll(() => app.close());

  it('are listed apart from resources', async () => {
    const { resources } = await resultsIn(app, era)('resources/list');
    const { resourceTemplates } = await resultsIn(app, era)('resources/templates/list');
    expect(resources).toEqual([{ uri: 'lib://item/fixed/data', name: 'fixed' }]);
    expect(resourceTemplates).toContainEqual({
      uriTemplate: 'lib://item/{id}/data',
      name: 'item',
      description: 'One item',
      mimeType: 'application/json',
    });
    expect(resourceTemplates).toHaveLength(5);
  });

  it('answer with the URI as it was asked for', async () => {
    expect(await contentOf('lib://item/a%20b/data')).toEqual({
      uri: 'lib://item/a%20b/data',
      mimeType: 'application/json',
      text: '{"id":"a b","uri":"lib://item/a%20b/data"}',
    });
  });

  it('leave a URI of its own to the single resource', async () => {
    expect((await contentOf('lib://item/fixed/data')).text).toBe('fixed');
  });

  it('give way to the more specific one', async () => {
    expect(await read('lib://item/special/data')).toEqual({ method: 'special', part: 'data' });
    expect(await read('lib://item/other/data')).toEqual({ id: 'other', uri: 'lib://item/other/data' });
    expect(await read('lib://item/other/else')).toEqual({ method: 'anything', rest: 'other/else' });
  });

  it('convert and check variables by the class of the first parameter', async () => {
    expect(await read('lib://shelf/books?page=2')).toEqual({ isDto: true, shelf: 'books', page: 2 });
    expect(await read('lib://shelf/authors')).toEqual({ isDto: true, shelf: 'authors' });
    const { json } = await ask('resources/read', { uri: 'lib://shelf/books?page=none' });
    expect(json.error.code).toBe(-32602);
    expect(json.error.message).toMatch(/^Invalid arguments:\n(- page: .+\n?)+$/);
    expect(json.error.data).toEqual({ uri: 'lib://shelf/books?page=none' });
  });

  it.each(['lib://maybe/not', 'lib://maybe/', 'lib://maybe/%zz', 'lib://shelf/books?other=1'])(
    'have nothing for %s',
    async (uri) => {
      const { json } = await ask('resources/read', { uri });
      expect(json.error).toMatchObject({ message: 'Resource not found', data: { uri } });
    },
  );

  it.each(['a', '/', '%61', '?page=', '%'])('answer 50 kB of %s', async (unit) => {
    // A modern client repeats the URI in a header, which HTTP servers limit to less.
    const bytes = era === 'legacy' ? 50_000 : 10_000;
    const uri = `lib://item/${unit.repeat(bytes / unit.length)}`;
    const { status, json } = await ask('resources/read', { uri });
    expect(status).toBe(200);
    expect(json.result?.contents[0].uri ?? json.error.data.uri).toBe(uri);
  });
});
