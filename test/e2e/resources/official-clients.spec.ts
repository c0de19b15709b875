import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpModule, McpPrompt, McpResource } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';

@Injectable()
class Docs {
  @McpResource({ uri: 'docs://intro', mimeType: 'text/markdown' })
  intro() {
    return '# Intro';
  }

  @McpResource({ uri: 'docs://k%C3%BCmmel', mimeType: 'image/png' })
  image() {
    return Buffer.from([1, 2, 3]);
  }

  @McpResource({ uriTemplate: 'docs://page/{id}', complete: { id: (value) => [`${value}1`] } })
  page({ id }: { id: string }) {
    return `Page ${id}`;
  }

  @McpPrompt({ arguments: [{ name: 'page', required: true }], complete: { page: (value) => [`${value}2`] } })
  summarise({ page }: { page: string }) {
    return [
      {
        type: 'resource',
        resource: { uri: `docs://page/${page}`, mimeType: 'text/plain', text: `Page ${page}` },
      },
      'Summarise it',
    ];
  }
}

/** Common behaviour of both generations of the client. */
type Client = Pick<
  ClientV2,
  | 'listResources'
  | 'listResourceTemplates'
  | 'readResource'
  | 'listPrompts'
  | 'getPrompt'
  | 'complete'
  | 'close'
>;

const CLIENTS: [string, (url: string) => Promise<Client>][] = [
  [
    'v1',
    async (url) => {
      const client = new ClientV1({ name: 'official', version: '1.0.0' });
      await client.connect(new TransportV1(new URL(url)));
      return client;
    },
  ],
  ...(['legacy', 'auto'] as const).map((mode): [string, (url: string) => Promise<Client>] => [
    `v2, ${mode}`,
    async (url) => {
      const client = new ClientV2({ name: 'official', version: '1.0.0' }, { versionNegotiation: { mode } });
      await client.connect(new TransportV2(new URL(url)));
      return client;
    },
  ]),
];

describe.each(PLATFORMS)('on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot({ pageSize: 1 })], providers: [Docs] });
  });
  afterAll(() => app.close());

  describe.each(CLIENTS)('the official client (%s)', (_, connect) => {
    let client: Client;

    beforeAll(async () => {
      client = await connect(app.url);
    });
    afterAll(() => client.close());

    it('lists and reads resources', async () => {
      const { resources } = await client.listResources();
      expect(resources[0]).toMatchObject({ uri: 'docs://intro', name: 'intro' });
      const { contents } = await client.readResource({ uri: 'docs://intro' });
      expect(contents).toEqual([{ uri: 'docs://intro', mimeType: 'text/markdown', text: '# Intro' }]);
      expect((await client.readResource({ uri: 'docs://k%C3%BCmmel' })).contents).toEqual([
        { uri: 'docs://k%C3%BCmmel', mimeType: 'image/png', blob: 'AQID' },
      ]);
    });

    it('reads what a template stands for, and completes its variables', async () => {
      const { resourceTemplates } = await client.listResourceTemplates();
      expect(resourceTemplates).toEqual([{ uriTemplate: 'docs://page/{id}', name: 'page' }]);
      expect((await client.readResource({ uri: 'docs://page/7' })).contents).toEqual([
        { uri: 'docs://page/7', text: 'Page 7' },
      ]);
      const ref = { type: 'ref/resource' as const, uri: 'docs://page/{id}' };
      const { completion } = await client.complete({ ref, argument: { name: 'id', value: '1' } });
      expect(completion).toEqual({ values: ['11'], total: 1, hasMore: false });
    });

    it('fails to read what is not there', async () => {
      await expect(client.readResource({ uri: 'docs://none' })).rejects.toThrow('Resource not found');
    });

    it('lists, completes and gets prompts', async () => {
      const { prompts } = await client.listPrompts();
      expect(prompts).toEqual([{ name: 'summarise', arguments: [{ name: 'page', required: true }] }]);
      const ref = { type: 'ref/prompt' as const, name: 'summarise' };
      expect(
        (await client.complete({ ref, argument: { name: 'page', value: '1' } })).completion.values,
      ).toEqual(['12']);
      const { messages } = await client.getPrompt({ name: 'summarise', arguments: { page: '7' } });
      expect(messages.map(({ role, content }) => [role, content.type])).toEqual([
        ['user', 'resource'],
        ['user', 'text'],
      ]);
    });
  });
});
