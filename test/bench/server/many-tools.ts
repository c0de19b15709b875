import { Injectable, type Type } from '@nestjs/common';
import { McpTool } from 'nestjs-mcp-adapters';

const input = {
  type: 'object',
  properties: {
    city: { type: 'string', description: 'Name of a city' },
    days: { type: 'integer', minimum: 1, maximum: 14 },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
  },
  required: ['city'],
  additionalProperties: false,
};

interface Arguments {
  readonly city: string;
}

/** A provider class with `count` tools, named `tool_1` and so on. */
export function createManyTools(count: number): Type {
  class ManyTools {}
  for (let number = 1; number <= count; number += 1) {
    const name = `tool_${number}`;
    const descriptor = { value: ({ city }: Arguments) => city, configurable: true, enumerable: false };
    Object.defineProperty(ManyTools.prototype, name, descriptor);
    McpTool({ description: `Tool number ${number}`, input })(ManyTools.prototype, name, descriptor);
  }
  Injectable()(ManyTools);
  return ManyTools;
}
