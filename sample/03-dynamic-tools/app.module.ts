import { Module } from '@nestjs/common';
import { InMemorySessionAdapter, McpModule } from 'nestjs-mcp-adapters';
import { PluginsModule } from './plugins/plugins.module.js';

@Module({
  imports: [
    McpModule.forRoot({
      serverInfo: { name: 'workbench', title: 'Workbench', version: '1.0.0' },
      // Sessions let the server tell clients that the list of tools has changed.
      sessionAdapter: new InMemorySessionAdapter(),
      // Any module may inject the McpRegistry.
      isGlobal: true,
    }),
    PluginsModule,
  ],
})
export class AppModule {}
