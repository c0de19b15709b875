import { Injectable, type Type } from '@nestjs/common';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  McpTool,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { startApp, type AppOptions, type Platform, type TestApp } from '../../support/app.js';

/** Handler of a tool. */
export type Script = (ctx: McpContext, args: any) => unknown;

export interface SessionSetup extends Omit<AppOptions, 'platform'> {
  readonly platform?: Platform;
  readonly tools?: Readonly<Record<string, Script>>;
  readonly mcp?: McpModuleOptions;
}

/** A provider class with a tool for each script. */
export function toolsOf(scripts: Readonly<Record<string, Script>>): Type {
  class Tools {}
  for (const [name, script] of Object.entries(scripts)) {
    const value = (args: unknown, ctx: McpContext) => script(ctx, args);
    const descriptor = { value, configurable: true };
    Object.defineProperty(Tools.prototype, name, descriptor);
    McpTool({ name, input: { type: 'object' } })(Tools.prototype, name, descriptor);
  }
  Injectable()(Tools);
  return Tools;
}

/** Starts a server that keeps sessions and may ask, in memory unless it is given a store or other adapters. */
export function startSessions({ tools = {}, mcp = {}, ...options }: SessionSetup = {}): Promise<TestApp> {
  return startApp({
    ...options,
    imports: [
      McpModule.forRoot({
        ...(mcp.store === undefined && {
          sessionAdapter: new InMemorySessionAdapter(),
          clientRequestAdapter: new InMemoryClientRequestAdapter(),
        }),
        ...mcp,
      }),
      ...(options.imports ?? []),
    ],
    providers: [
      toolsOf({ echo: (_ctx, args) => JSON.stringify(args), ...tools }),
      ...(options.providers ?? []),
    ],
  });
}

/** A promise with its resolver outside, for tests that decide when a handler goes on. */
export class Gate<T = void> {
  open!: (value: T) => void;
  readonly opened = new Promise<T>((resolve) => (this.open = resolve));
}

/** Waits until a condition holds that is not announced. */
export async function until(condition: () => unknown): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The text a tool answered with. */
export function textOf(message: any): string {
  return message.result.content.map(({ text }: { text: string }) => text).join('');
}
