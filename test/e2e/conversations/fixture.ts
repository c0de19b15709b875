import { Injectable, type Type } from '@nestjs/common';
import {
  McpModule,
  McpPrompt,
  McpResource,
  McpTool,
  type McpContext,
  type McpModuleOptions,
  type McpToolOptions,
} from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';

/** Steps of a handler. */
export type Script = (ctx: McpContext, args: any) => unknown;

export type Scripts = Readonly<Record<string, Script>>;

export interface Setup {
  readonly tools?: Scripts;
  readonly prompts?: Scripts;
  /** By name; read as `test://<name>`. */
  readonly resources?: Scripts;
  /** Options of tools, by name. */
  readonly options?: Readonly<Record<string, McpToolOptions>>;
  readonly mcp?: McpModuleOptions;
}

/** Starts a server whose handlers do what the scripts say. */
export function startScripted({ mcp = {}, ...scripts }: Setup): Promise<TestApp> {
  return startApp({ imports: [McpModule.forRoot(mcp)], providers: [scripted(scripts)] });
}

function scripted({ tools = {}, prompts = {}, resources = {}, options = {} }: Omit<Setup, 'mcp'>): Type {
  class Scripted {}
  const add = (name: string, script: Script, decorate: (...target: any[]) => void) => {
    const value = (args: unknown, ctx: McpContext) => script(ctx, args);
    const descriptor = { value, configurable: true };
    Object.defineProperty(Scripted.prototype, name, descriptor);
    decorate(Scripted.prototype, name, descriptor);
  };
  for (const [name, script] of Object.entries(tools)) {
    add(name, script, McpTool({ name, input: { type: 'object' }, ...options[name] }));
  }
  for (const [name, script] of Object.entries(prompts)) add(`prompt ${name}`, script, McpPrompt({ name }));
  for (const [name, script] of Object.entries(resources)) {
    add(`resource ${name}`, script, McpResource({ name, uri: `test://${name}` }));
  }
  Injectable()(Scripted);
  return Scripted;
}

/** A form with one required field. */
export function formOf(field: string, type: 'string' | 'boolean' | 'number' = 'string') {
  return { type: 'object', properties: { [field]: { type } }, required: [field] } as const;
}

export function accept(content: object) {
  return { action: 'accept', content };
}

export function sampled(text: string) {
  return { role: 'assistant', content: { type: 'text', text }, model: 'test-model', stopReason: 'endTurn' };
}

/** A promise with its resolver outside, for tests that decide when a handler goes on. */
export class Gate<T = void> {
  open!: (value: T) => void;
  readonly opened = new Promise<T>((resolve) => (this.open = resolve));
}

/** Waits until a condition holds that is not announced. */
export async function until(condition: () => unknown): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** The text a tool answered with. */
export function textOf(message: any): string {
  if (!message.result?.content) throw new Error(`No content: ${JSON.stringify(message)}`);
  return message.result.content.map(({ text }: { text: string }) => text).join('');
}
