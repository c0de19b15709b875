import { it } from '@jest/globals';
import { InMemorySessionAdapter } from 'nestjs-mcp-adapters';
import { sessionAdapterContract } from 'nestjs-mcp-adapters/testing';

const create = () => {
  const adapter = new InMemorySessionAdapter();
  return { adapter, another: async () => adapter };
};
for (const { name, run } of sessionAdapterContract) it(name, () => run(create), 10_000);
