import { describe, expect, it } from '@jest/globals';
import { Injectable, Module, type Type } from '@nestjs/common';
import { McpConfigurationError, McpModule, McpTool, type McpToolOptions } from 'nestjs-mcp-adapters';
import * as v from 'valibot';
import { z } from 'zod';
import { startApp } from '../../support/app.js';

function toolClass(options: McpToolOptions): Type {
  @Injectable()
  class BrokenTools {
    @McpTool(options)
    run(_args: Record<string, unknown>) {}
  }
  return BrokenTools;
}

async function bootError(...providers: Type[]): Promise<any> {
  const imports = [McpModule.forRoot()];
  const error = await startApp({ imports, providers }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(McpConfigurationError);
  return error;
}

const INVALID: [problem: string, options: McpToolOptions, text: string][] = [
  ['a name with a space', { name: 'get weather' }, '"get weather"'],
  ['an empty name', { name: '' }, '1 to 128'],
  ['a name of 129 characters', { name: 'a'.repeat(129) }, '1 to 128'],
  ['no time to run', { timeoutMs: 0 }, 'timeoutMs'],
  ['more time than a timer can wait', { timeoutMs: Infinity }, 'timeoutMs'],
  ['input that is no object', { input: z.string() }, 'must be of type "object"'],
  ['a JSON Schema with an unknown type', { input: { type: 'thing' } }, 'not a valid JSON Schema'],
  ['a foreign reference', { input: { type: 'object', $ref: 'https://a.example/s' } }, 'a.example'],
  ['a foreign dialect', { input: { $schema: 'http://json-schema.org/draft-04/schema#' } }, 'draft-04'],
  ['a schema that brings no JSON Schema', { input: v.object({}) }, 'schemaToJson'],
  ['a value that is no schema', { input: 'string' as never }, 'expected a class, a Standard Schema or'],
  ['output JSON cannot describe', { output: z.object({ at: z.date() }) }, 'output'],
  [
    'a misplaced header parameter',
    { input: { type: 'object', properties: { a: { type: 'number', 'x-mcp-header': 'A' } } } },
    'x-mcp-header',
  ],
];

describe('a tool that cannot work', () => {
  it.each(INVALID)('fails at boot, naming the method: %s', async (_, options, text) => {
    const { message } = await bootError(toolClass(options));
    expect(message).toMatch(/^BrokenTools\.run/);
    expect(message).toContain(text);
  });

  it('fails at boot when two tools share a name, naming both', async () => {
    @Injectable()
    class OtherTools {
      @McpTool({ name: 'run' })
      start() {}
    }
    const { message } = await bootError(toolClass({}), OtherTools);
    expect(message).toContain('"run"');
    expect(message).toContain('BrokenTools.run');
    expect(message).toContain('OtherTools.start');
  });

  it('fails at boot when two modules provide its class, naming both modules', async () => {
    const Tools = toolClass({});
    @Module({ providers: [Tools] })
    class OneModule {}
    @Module({ providers: [Tools] })
    class TwoModule {}
    const start = startApp({ imports: [McpModule.forRoot(), OneModule, TwoModule] });
    await expect(start).rejects.toThrow(/BrokenTools\.run \(TwoModule\).*BrokenTools\.run \(OneModule\)/);
  });
});
