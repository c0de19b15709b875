import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../sample/01-quick-start/app.module.js';
import { CatalogueService } from '../../sample/01-quick-start/catalogue/catalogue.service.js';

it('lists the subjects of another catalogue', async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(CatalogueService)
    .useValue({ subjects: () => [{ subject: 'gardening', titles: 1 }] })
    .compile();
  const app = module.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');

  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', await app.getUrl())));
  const { structuredContent } = await client.callTool({ name: 'browse_subjects' });
  expect(structuredContent).toEqual({ subjects: [{ subject: 'gardening', titles: 1 }] });

  await client.close();
  await app.close();
});
