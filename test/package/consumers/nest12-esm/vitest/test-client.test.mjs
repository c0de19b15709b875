import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import { createMcpTestClient, sessionAdapterContract, textOf } from 'nestjs-mcp-adapters/testing';
import { InMemorySessionAdapter } from 'nestjs-mcp-adapters';
import { describe, expect, it } from 'vitest';
import { AppModule, Greetings } from '../dist/app.module.js';

it.each(['2025-11-25', '2026-07-28'])('a tool answers the test client of %s', async (protocolVersion) => {
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(Greetings)
    .useValue({ for: (name) => `Overridden ${name}` })
    .compile();
  const app = module.createNestApplication({ logger: false });
  const client = await createMcpTestClient(app, { protocolVersion });
  expect(textOf(await client.callTool('greet', { name: 'Ada' }))).toBe('Overridden Ada');
  await client.close();
  await app.close();
});

describe('the contract suite', () => {
  const create = () => {
    const adapter = new InMemorySessionAdapter();
    return { adapter, another: async () => adapter };
  };
  for (const { name, run } of sessionAdapterContract) it(name, () => run(create), 10_000);
});
