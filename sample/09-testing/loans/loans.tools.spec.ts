import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  AdapterUnavailableError,
  InMemorySessionAdapter,
  MemoryStore,
  SessionAdapter,
  Store,
} from 'nestjs-mcp-adapters';
import { createMcpTestClient, structuredOf, textOf } from 'nestjs-mcp-adapters/testing';
import { AppModule } from '../app.module.js';
import { LoansService } from './loans.service.js';

/** The application without Redis, wherever the test runs. */
function createTestingModule() {
  return Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(Store)
    .useValue(new MemoryStore());
}

const ada = { subject: 'ada' };

describe('borrow_book', () => {
  let app: INestApplication;

  beforeEach(async () => {
    const module = await createTestingModule().compile();
    app = module.createNestApplication({ logger: false });
  });
  afterEach(() => app.close());

  it.each(['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'] as const)(
    'lends a book to a client of %s',
    async (protocolVersion) => {
      const client = await createMcpTestClient(app, { protocolVersion, principal: ada });
      const result = await client.callTool('borrow_book', { book: 'Emma' });
      expect(structuredOf(result)).toEqual({ book: 'Emma', state: 'lent' });
      expect(client.progress.map(({ message }) => message)).toEqual(['looking for the book', 'lent']);
      expect(app.get(LoansService).readerOf('Emma')).toBe('ada');
      await client.close();
    },
  );

  it('asks whether to reserve a book that is lent', async () => {
    app.get(LoansService).lend('Emma', 'bob');
    const client = await createMcpTestClient(app, {
      principal: ada,
      onElicit: () => ({ action: 'accept', content: { confirmed: true } }),
    });
    const result = await client.callTool('borrow_book', { book: 'Emma' });
    expect(structuredOf(result)).toEqual({ book: 'Emma', state: 'reserved' });
    expect(client.questions[0]?.params['message']).toBe('bob has Emma. Reserve it?');
    await client.close();
  });

  it('is for members', async () => {
    const stranger = await createMcpTestClient(app);
    const result = await stranger.callTool('borrow_book', { book: 'Emma' });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toBe('Only members may borrow books');
    await stranger.close();
  });

  it('tells those who watch the book', async () => {
    const watcher = await createMcpTestClient(app);
    const reader = await createMcpTestClient(app, { principal: ada });
    await watcher.subscribe('loans://Emma');
    await reader.callTool('borrow_book', { book: 'Emma' });
    await watcher.until(() => watcher.resourceUpdates.includes('loans://Emma'));
    expect(textOf(await watcher.readResource('loans://Emma'))).toBe('ada');
    await watcher.close();
    await reader.close();
  });
});

it('answers 503 while the store is away', async () => {
  class AbsentStore extends InMemorySessionAdapter {
    override create(): never {
      throw new AdapterUnavailableError('connection refused');
    }
  }
  const module = await createTestingModule()
    .overrideProvider(SessionAdapter)
    .useValue(new AbsentStore())
    .compile();
  const app = module.createNestApplication({ logger: false });
  await expect(createMcpTestClient(app, { protocolVersion: '2025-11-25' })).rejects.toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
  });
  await app.close();
});
