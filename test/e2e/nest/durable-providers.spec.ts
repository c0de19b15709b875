import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Scope } from '@nestjs/common';
import {
  ContextIdFactory,
  REQUEST,
  type ContextId,
  type ContextIdStrategy,
  type HostComponentInfo,
} from '@nestjs/core';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { resultOf } from './calls.js';

/** One tree of durable providers per tenant, as Nest's guide has it. */
class TenantStrategy implements ContextIdStrategy {
  readonly #tenants = new Map<string, ContextId>();

  attach(contextId: ContextId, request: { headers: Record<string, string> }) {
    const tenantId = request.headers['x-tenant'] ?? 'none';
    const tree = this.#tenants.get(tenantId) ?? ContextIdFactory.create();
    this.#tenants.set(tenantId, tree);
    return {
      resolve: (info: HostComponentInfo) => (info.isTreeDurable ? tree : contextId),
      payload: { tenantId },
    };
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class TenantTools {
  #calls = 0;

  constructor(@Inject(REQUEST) private readonly payload: { tenantId: string }) {}

  @McpTool()
  durable() {
    return { tenant: this.payload.tenantId, calls: ++this.#calls, request: 'headers' in this.payload };
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class TenantCounter {
  #calls = 0;

  next(): number {
    return ++this.#calls;
  }
}

@Injectable({ scope: Scope.REQUEST })
class MixedTools {
  #calls = 0;

  constructor(
    @Inject(REQUEST) private readonly request: { headers: Record<string, string>; tenantId: string },
    private readonly counter: TenantCounter,
  ) {}

  @McpTool()
  mixed() {
    return {
      who: this.request.headers['x-who'],
      tenant: this.request.tenantId,
      calls: ++this.#calls,
      tenantCalls: this.counter.next(),
    };
  }
}

describe.each(PLATFORMS)('durable providers on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    ContextIdFactory.apply(new TenantStrategy());
    app = await startApp({
      platform,
      imports: [McpModule.forRoot()],
      providers: [TenantTools, TenantCounter, MixedTools],
    });
  });
  afterAll(async () => {
    ContextIdFactory.apply(undefined as never);
    await app.close();
  });

  const callAs = async (tool: string, tenant: string) =>
    (await resultOf(app, tool, { headers: { 'x-tenant': tenant, 'x-who': 'ada' } })).structuredContent;

  it('live as long as their tenant and see its payload in place of the request', async () => {
    expect(await callAs('durable', 'a')).toEqual({ tenant: 'a', calls: 1, request: false });
    expect(await callAs('durable', 'a')).toEqual({ tenant: 'a', calls: 2, request: false });
    expect(await callAs('durable', 'b')).toEqual({ tenant: 'b', calls: 1, request: false });
  });

  it('are shared by request-scoped ones, which see the request with the payload', async () => {
    expect(await callAs('mixed', 'a')).toEqual({ who: 'ada', tenant: 'a', calls: 1, tenantCalls: 1 });
    expect(await callAs('mixed', 'a')).toEqual({ who: 'ada', tenant: 'a', calls: 1, tenantCalls: 2 });
    expect(await callAs('mixed', 'b')).toEqual({ who: 'ada', tenant: 'b', calls: 1, tenantCalls: 1 });
  });
});
