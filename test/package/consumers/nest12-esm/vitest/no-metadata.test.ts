import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { createMcpTestClient, textOf } from 'nestjs-mcp-adapters/testing';
import { expect, it } from 'vitest';

class GreetDto {
  name!: string;
}

const input = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };

@Injectable()
class UntypedTools {
  @McpTool()
  guessed(args: GreetDto): string {
    return args.name;
  }

  @McpTool({ input })
  described(args: GreetDto): string {
    return args.name;
  }
}

it('a tool whose types the compiler did not record is named at start, and works with input', async () => {
  Reflect.deleteMetadata('design:paramtypes', UntypedTools.prototype, 'guessed');
  const warnings: string[] = [];
  const logger = { log() {}, error() {}, warn: (text: string) => void warnings.push(text) };
  @Module({ imports: [McpModule.forRoot({ logger })], providers: [UntypedTools] })
  class AppModule {}
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = module.createNestApplication({ logger: false });
  const client = await createMcpTestClient(app, { protocolVersion: '2026-07-28' });
  expect(warnings).toEqual([expect.stringMatching(/^UntypedTools\.guessed: no parameter types .*input/)]);
  expect(textOf(await client.callTool('described', { name: 'Ada' }))).toBe('Ada');
  await client.close();
  await app.close();
});
