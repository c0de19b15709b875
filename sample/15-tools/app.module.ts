import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp-adapters';
import { CatalogueModule } from './catalogue/catalogue.module.js';

@Module({
  imports: [
    McpModule.forRoot({
      serverInfo: { name: 'library', title: 'Town library', version: '1.0.0' },
      instructions:
        'Find the id of a book with search_books before asking for its availability or reserving it.',
    }),
    CatalogueModule,
  ],
})
export class AppModule {}
