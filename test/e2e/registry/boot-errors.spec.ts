import { describe, expect, it } from '@jest/globals';
import { Injectable, type Type } from '@nestjs/common';
import {
  McpCompletion,
  McpModule,
  McpPrompt,
  McpResource,
  type McpPromptOptions,
  type McpResourceOptions,
} from 'nestjs-mcp-adapters';
import { startApp } from '../../support/app.js';

/** A class `Wrong` with one method, so decorated. */
function decorated(...decorators: MethodDecorator[]): Type {
  @Injectable()
  class Wrong {
    method() {
      return '';
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Wrong.prototype, 'method') as PropertyDescriptor;
  for (const decorate of decorators) decorate(Wrong.prototype, 'method', descriptor);
  return Wrong;
}

@Injectable()
class Right {
  @McpPrompt({ arguments: [{ name: 'a' }], complete: { a: () => [] } }) prompt() {
    return '';
  }
  @McpResource({ uri: 'x://1' }) resource() {
    return '';
  }
  @McpResource({ uriTemplate: 'x://{a}' }) template() {
    return '';
  }
}

const start = (wrong: Type) => startApp({ imports: [McpModule.forRoot()], providers: [Right, wrong] });

describe('the application does not start', () => {
  it.each<[string, McpResourceOptions]>([
    ['uri must be absolute, with a scheme and without white space, not "relative"', { uri: 'relative' }],
    ['uri must be absolute, with a scheme and without white space, not "x://a b"', { uri: 'x://a b' }],
    ['uri must be absolute, with a scheme and without white space, not undefined', {} as McpResourceOptions],
    ['the URI "x://{a}" has braces; give a template as uriTemplate', { uri: 'x://{a}' }],
    ['the URI "x://ü" has characters that a URI may not hold', { uri: 'x://ü' }],
    ['the URI "x://100%" has characters that a URI may not hold', { uri: 'x://100%' }],
    ['size must be the number of bytes, not -1', { uri: 'x://a', size: -1 }],
    ['cacheHint needs a ttlMs of 0 or more', { uri: 'x://a', cacheHint: { ttlMs: -1 } }],
    ['timeoutMs must be more than 0', { uri: 'x://a', timeoutMs: 0 }],
    ['visible must be a function of the context', { uri: 'x://a', visible: true as never }],
    ['the URI template "x://{a*}" uses a modifier', { uriTemplate: 'x://{a*}' }],
    [
      'complete.b is for an argument that does not exist; there are: a',
      { uriTemplate: 'y://{a}', complete: { b: () => [] } },
    ],
  ])('on a resource: %s', async (message, options) => {
    await expect(start(decorated(McpResource(options)))).rejects.toThrow(`Wrong.method: ${message}`);
  });

  it.each<[string, McpPromptOptions]>([
    ['a prompt needs a name', { name: '' }],
    ['give the arguments of a prompt as arguments or as input', { arguments: [], input: { type: 'object' } }],
    ['complete.a is for an argument that does not exist; there are: none', { complete: { a: () => [] } }],
  ])('on a prompt: %s', async (message, options) => {
    await expect(start(decorated(McpPrompt(options)))).rejects.toThrow(`Wrong.method: ${message}`);
  });

  it('on a prompt whose input is no object', async () => {
    const starting = start(decorated(McpPrompt({ input: { type: 'string' } })));
    await expect(starting).rejects.toThrow(
      'Wrong.method input: the arguments of a prompt are the properties of an object',
    );
  });

  it.each([
    ['prompt name "prompt"', McpPrompt({ name: 'prompt' })],
    ['URI "x://1"', McpResource({ uri: 'x://1' })],
    ['URI template "x://{a}"', McpResource({ uriTemplate: 'x://{a}' })],
  ])('on a %s that is taken', async (what, decorator) => {
    await expect(start(decorated(decorator))).rejects.toThrow(
      new RegExp(
        `Wrong\\.method \\(.+\\): the ${what.replace(/[{}]/g, '\\$&')} is taken by Right\\.\\w+ \\(.+\\); give`,
      ),
    );
  });

  it.each([
    ['this server has no prompt "none" to complete', McpCompletion({ prompt: 'none', argument: 'a' })],
    [
      'this server has no URI template "x://1" to complete',
      McpCompletion({ uriTemplate: 'x://1', argument: 'a' }),
    ],
    [
      'the prompt "prompt" has no argument "b"; there are: a',
      McpCompletion({ prompt: 'prompt', argument: 'b' }),
    ],
    [
      'the argument "a" of the prompt "prompt" is completed elsewhere too',
      McpCompletion({ prompt: 'prompt', argument: 'a' }),
    ],
  ])('on a completion: %s', async (message, decorator) => {
    await expect(start(decorated(decorator))).rejects.toThrow(message);
  });
});
