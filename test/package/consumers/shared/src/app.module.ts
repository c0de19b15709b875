import { Injectable, Module } from '@nestjs/common';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';

@Injectable()
export class Greetings {
  for(name: string): string {
    return `Hello ${name}`;
  }
}

@Injectable()
export class GreeterTools {
  constructor(private readonly greetings: Greetings) {}

  @McpTool({
    name: 'greet',
    input: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  })
  greet(args: { name: string }): string {
    return this.greetings.for(args.name);
  }
}

@Module({
  imports: [McpModule.forRoot({ serverInfo: { name: 'consumer', version: '1.0.0' } })],
  providers: [Greetings, GreeterTools],
})
export class AppModule {}
