import { expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { createMcpTestClient, structuredOf } from 'nestjs-mcp-adapters/testing';
import { AppModule } from '../../sample/15-tools/app.module.js';
import { CatalogueService } from '../../sample/15-tools/catalogue/catalogue.service.js';

it('lists the subjects of another catalogue', async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(CatalogueService)
    .useValue({ subjects: () => [{ subject: 'gardening', titles: 1 }] })
    .compile();
  const app = module.createNestApplication();

  const client = await createMcpTestClient(app);
  const result = await client.callTool('browse_subjects');
  expect(structuredOf(result)).toEqual({ subjects: [{ subject: 'gardening', titles: 1 }] });

  await client.close();
  await app.close();
});
