import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp-adapters';
import { FileClientRequestAdapter } from './files/file-client-request.adapter.js';
import { FileNotificationBus } from './files/file-notification-bus.js';
import { LiveFileSessionAdapter } from './files/live-file-session.adapter.js';
import { TodoTools } from './todo/todo.tools.js';

const directory = process.env['DIRECTORY'] ?? join(tmpdir(), 'mcp-todo');

@Module({
  imports: [
    McpModule.forRoot({
      serverInfo: { name: 'todo', title: 'To-do list', version: '1.0.0' },
      sessionAdapter: new LiveFileSessionAdapter(join(directory, 'sessions')),
      clientRequestAdapter: new FileClientRequestAdapter(join(directory, 'questions')),
      notificationBus: new FileNotificationBus(join(directory, 'events')),
      // At least 32 characters, the same in every process.
      requestStateSecret: process.env['REQUEST_STATE_SECRET'] ?? 'for trying it out on one machine',
    }),
  ],
  providers: [TodoTools],
})
export class AppModule {}
