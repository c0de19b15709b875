import { Injectable, type ModuleMetadata } from '@nestjs/common';
import { IsInt, Matches } from 'class-validator';
import {
  handlePattern,
  McpModule,
  McpPrompt,
  McpTool,
  type Store,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { startApp, type Platform, type TestApp } from '../../support/app.js';
import { askIn, type EraName } from '../../support/ask.js';

export interface Cart {
  readonly items: readonly number[];
}

class ItemDto {
  @Matches(handlePattern('cart'))
  cart!: string;

  @IsInt()
  item!: number;
}

const cart = z.object({ cart: z.string().regex(handlePattern('cart')) });

@Injectable()
class CartTools {
  @McpTool({
    name: 'create',
    input: z.object({ ttlMs: z.number().optional(), bytes: z.number().optional() }),
  })
  create({ ttlMs, bytes }: { ttlMs?: number; bytes?: number }, ctx: McpContext) {
    const value = bytes === undefined ? { items: [] } : 'x'.repeat(bytes);
    return ctx.handles('cart').create(value, ttlMs === undefined ? {} : { ttlMs });
  }

  @McpTool({ name: 'add', input: ItemDto })
  async add({ cart: id, item }: ItemDto, ctx: McpContext) {
    return ctx.handles<Cart>('cart').update(id, ({ items }) => ({ items: [...items, item] }));
  }

  @McpTool({ name: 'get', input: cart })
  get({ cart: id }: z.infer<typeof cart>, ctx: McpContext) {
    return ctx.handles('cart').get(id);
  }

  @McpTool({ name: 'any', input: z.object({ kind: z.string(), id: z.string() }) })
  any({ kind, id }: { kind: string; id: string }, ctx: McpContext) {
    return ctx.handles(kind).get(id);
  }

  @McpTool({ name: 'delete', input: cart })
  async delete({ cart: id }: z.infer<typeof cart>, ctx: McpContext) {
    return String(await ctx.handles('cart').delete(id));
  }

  @McpPrompt({ name: 'summary', input: cart })
  async summary({ cart: id }: z.infer<typeof cart>, ctx: McpContext) {
    return JSON.stringify(await ctx.handles('cart').get(id));
  }
}

/** An instance of a server with carts. Callers are who their `x-user` says. */
export function startCarts({
  platform = 'express',
  store,
  mcp,
  ...rest
}: ModuleMetadata & {
  readonly platform?: Platform;
  readonly store?: Store;
  readonly mcp?: McpModuleOptions;
} = {}): Promise<TestApp> {
  return startApp({
    platform,
    imports: [
      McpModule.forRoot({
        serverInfo: { name: 'carts', version: '1.0.0' },
        ...(store && { store, requestStateSecret: 'x'.repeat(32) }),
        principal: ({ headers }: any) => (headers['x-user'] ? { subject: headers['x-user'] } : undefined),
        ...mcp,
      }),
    ],
    providers: [CartTools],
    ...rest,
  });
}

/** Calls a tool as a principal, or without one; in a session where the server has those. */
export function callsOf(app: Pick<TestApp, 'post'>, era: EraName, user?: string) {
  const ask = askIn(app, era);
  const caller: Record<string, string> = user === undefined ? {} : { 'x-user': user };
  const begin = async () => {
    if (era === 'modern') return caller;
    const clientInfo = { name: 'shopper', version: '1.0.0' };
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const { headers } = await ask('initialize', hello, caller);
    const session = headers.get('mcp-session-id');
    return session ? { ...caller, 'mcp-session-id': session } : caller;
  };
  let headers: Promise<Record<string, string>> | undefined;
  return async (name: string, args: object = {}): Promise<{ text: string; isError: boolean }> => {
    const { json } = await ask('tools/call', { name, arguments: args }, await (headers ??= begin()));
    if (json.error) throw new Error(JSON.stringify(json.error));
    return { text: json.result.content[0]?.text, isError: json.result.isError === true };
  };
}

/** Text of a tool that worked. */
export async function said(call: Promise<{ text: string; isError: boolean }>): Promise<string> {
  const { text, isError } = await call;
  if (isError) throw new Error(text);
  return text;
}

export const UNKNOWN = {
  text: 'There is no cart with this id. It may have expired: make a new cart, and use the id exactly as it was given',
  isError: true,
};
