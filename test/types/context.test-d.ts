import { type } from 'arktype';
import type { McpContext } from 'nestjs-mcp-adapters';
import { type McpClientDescription, type Principal } from 'nestjs-mcp-adapters';
import * as v from 'valibot';
import { z } from 'zod';
import { expectType, type Equal } from './expect-type.js';

class AnswerDto {
  sure!: boolean;
  days?: number;
}

const message = 'Sure?';

export async function infersTheContentOfAnAnswer(ctx: McpContext) {
  const zod = await ctx.elicit({ message, schema: z.object({ sure: z.boolean(), days: z.coerce.number() }) });
  if (zod.action === 'accept') expectType<Equal<typeof zod.content, { sure: boolean; days: number }>>();
  else expectType<Equal<typeof zod.content, undefined>>();

  const dto = await ctx.elicit({ message, schema: AnswerDto });
  if (dto.action === 'accept') expectType<Equal<typeof dto.content, AnswerDto>>();

  const valibot = await ctx.elicit({ message, schema: v.object({ sure: v.optional(v.boolean(), false) }) });
  if (valibot.action === 'accept') expectType<Equal<typeof valibot.content, { sure: boolean }>>();

  const arktype = await ctx.elicit({ message, schema: type({ sure: 'boolean' }) });
  if (arktype.action === 'accept') expectType<Equal<typeof arktype.content, { sure: boolean }>>();

  const json = await ctx.elicit({ message, schema: { type: 'object', properties: {} } });
  if (json.action === 'accept') expectType<Equal<typeof json.content, Record<string, unknown>>>();

  const { action: _action } = await ctx.elicit({ message, url: 'https://pay.example' });
  expectType<Equal<typeof _action, 'accept' | 'decline' | 'cancel'>>();

  // @ts-expect-error a question needs a form or a page
  await ctx.elicit({ message });
  // @ts-expect-error a form is no text
  await ctx.elicit({ message, schema: 'yes or no' });
}

export function knowsItsArguments(ctx: McpContext<{ city: string }>, _plain: McpContext) {
  expectType<Equal<(typeof ctx)['args']['city'], string>>();
  expectType<Equal<typeof _plain.args, unknown>>();
  // @ts-expect-error arguments are not replaced
  ctx.args = { city: 'Graz' };
}

export async function describesTheCall(ctx: McpContext) {
  expectType<Equal<typeof ctx.signal, AbortSignal>>();
  expectType<Equal<typeof ctx.principal, Principal | undefined>>();
  expectType<Equal<typeof ctx.client, McpClientDescription>>();
  expectType<Equal<typeof ctx.protocolVersion, '2026-07-28' | '2025-11-25' | '2025-06-18' | '2025-03-26'>>();
  expectType<Equal<ReturnType<typeof ctx.client.supports>, boolean>>();
  expectType<Equal<ReturnType<typeof ctx.progress>, Promise<void>>>();
  expectType<Equal<ReturnType<typeof ctx.log.warning>, Promise<void>>>();
  // @ts-expect-error no such level
  await ctx.log.fatal('x');

  const _said = await ctx.sample({ messages: [], maxTokens: 1 });
  expectType<Equal<typeof _said.model, string>>();
  const [_root] = await ctx.listRoots();
  expectType<Equal<NonNullable<typeof _root>['uri'], string>>();
}
