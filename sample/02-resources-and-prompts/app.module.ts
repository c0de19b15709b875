import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp-adapters';
import { RecipesModule } from './recipes/recipes.module.js';

@Module({
  imports: [
    McpModule.forRoot({
      serverInfo: { name: 'recipes', title: 'Recipe box', version: '1.0.0' },
      // Recipes hardly change: modern clients may keep what they have read for ten minutes.
      cacheHints: { resources: { ttlMs: 600_000 }, read: { ttlMs: 600_000, cacheScope: 'public' } },
    }),
    RecipesModule,
  ],
})
export class AppModule {}
