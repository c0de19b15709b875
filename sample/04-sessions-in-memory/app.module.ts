import { Module } from '@nestjs/common';
import { InMemoryClientRequestAdapter, InMemorySessionAdapter, McpModule } from 'nestjs-mcp-adapters';
import { ContactsModule } from './contacts/contacts.module.js';

@Module({
  imports: [
    McpModule.forRoot({
      serverInfo: { name: 'address-book', title: 'Address book', version: '1.0.0' },
      // The revisions that have sessions.
      protocolVersions: ['2025-03-26', '2025-06-18', '2025-11-25'],
      sessionAdapter: new InMemorySessionAdapter({ maxEventBufferSize: 1024 }),
      clientRequestAdapter: new InMemoryClientRequestAdapter({ defaultTimeoutMs: 5 * 60_000 }),
      sessionTtlMs: 10 * 60_000,
    }),
    ContactsModule,
  ],
})
export class AppModule {}
