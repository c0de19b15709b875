import { describe, expect, it } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { McpExecutionContext } from '../../../lib/execution/mcp-execution-context.js';

function host(type: string) {
  const created = new ExecutionContextHost(['request', 'response', 'context', { city: 'Graz' }]);
  created.setType(type);
  return created;
}

describe('McpExecutionContext', () => {
  it('gives the context and the arguments of an MCP call', () => {
    const context = McpExecutionContext.create(host('mcp'));
    expect(context.getContext()).toBe('context');
    expect(context.getArgs<{ city: string }>().city).toBe('Graz');
  });

  it('leaves the HTTP request and response where guards look for them', () => {
    const http = host('mcp').switchToHttp();
    expect([http.getRequest(), http.getResponse()]).toEqual(['request', 'response']);
  });

  it('refuses what is no MCP call', () => {
    expect(McpExecutionContext.is(host('http'))).toBe(false);
    expect(McpExecutionContext.is(host('mcp'))).toBe(true);
    expect(() => McpExecutionContext.create(host('http'))).toThrow(
      new TypeError('Not an MCP call but "http"'),
    );
  });
});
