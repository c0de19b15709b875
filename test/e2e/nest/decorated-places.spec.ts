import { describe, expect, it } from '@jest/globals';
import { McpCompletion, McpConfigurationError, McpPrompt, McpResource, McpTool } from 'nestjs-mcp-adapters';

const DECORATORS: [name: string, decorator: MethodDecorator][] = [
  ['McpTool', McpTool()],
  ['McpResource', McpResource({ uri: 'test://a' })],
  ['McpPrompt', McpPrompt()],
  ['McpCompletion', McpCompletion({ prompt: 'a', argument: 'b' })],
];

const named = Symbol('named');

const PLACES: [place: string, declare: (decorator: MethodDecorator) => unknown, message: string][] = [
  [
    'a static method',
    (decorator) => {
      class Tools {
        @decorator
        static find() {}
      }
      return Tools;
    },
    'Tools.find is static: make it a method of the provider',
  ],
  [
    'a property',
    (decorator) => {
      class Tools {
        @(decorator as PropertyDecorator)
        find = () => 'found';
      }
      return Tools;
    },
    'Tools.find is a property: make it a method of the provider',
  ],
  [
    'an accessor',
    (decorator) => {
      class Tools {
        @decorator
        get find() {
          return () => 'found';
        }
      }
      return Tools;
    },
    'Tools.find is an accessor: make it a method of the provider',
  ],
  [
    'a method named by a symbol',
    (decorator) => {
      class Tools {
        @decorator
        [named]() {}
      }
      return Tools;
    },
    'Tools.Symbol(named) is named by a symbol, which Nest does not look for: name it by a text',
  ],
  [
    'a method, as a decorator of ECMAScript',
    (decorator) => {
      const apply = decorator as unknown as (method: object, context: object) => void;
      apply(function find() {}, { kind: 'method', name: 'find' });
    },
    'find: the decorators of this library need the compiler option experimentalDecorators',
  ],
];

const CASES = PLACES.flatMap(([place, declare, message]) =>
  DECORATORS.map(([name, decorator]) => ({ name, place, message, run: () => declare(decorator) })),
);

describe('where a decorator has no effect it says so', () => {
  it.each(CASES)('$name on $place', ({ run, message }) => {
    expect(run).toThrow(new McpConfigurationError(message));
  });
});
