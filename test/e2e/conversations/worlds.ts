import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { RawExchange } from '../../support/raw-http.js';
import { SessionClient } from '../../support/session-client.js';
import { startScripted, type Setup } from './fixture.js';
import { ALL_CAPABILITIES, ModernClient, type Subject } from '../../support/modern-client.js';

/** How the answers of clients reach handlers. */
export const WORLDS = ['pushed', 'parked', 'replayed'] as const;
export type World = (typeof WORLDS)[number];

/** View of a client of a call, in order. The same for all worlds. */
export type Event =
  | { readonly asked: string; readonly params: object }
  | { readonly progress: number }
  | { readonly log: unknown; readonly level: string }
  | { readonly result: object }
  | { readonly error: object };

/** How a client answers a question; `undefined` leaves a modern one open for this round. */
export type Answerer = (method: string, params: any) => object | undefined;

const ADAPTERS: Readonly<Record<World, () => McpModuleOptions>> = {
  pushed: () => ({
    sessionAdapter: new InMemorySessionAdapter(),
    clientRequestAdapter: new InMemoryClientRequestAdapter(),
  }),
  parked: () => ({ clientRequestAdapter: new InMemoryClientRequestAdapter() }),
  replayed: () => ({}),
};

export function startWorld(world: World, { mcp = {}, ...setup }: Setup): Promise<TestApp> {
  return startScripted({ ...setup, mcp: { ...ADAPTERS[world](), ...mcp } });
}

/** Holds a whole conversation and tells what the client saw of it. */
export function converse(app: TestApp, world: World, subject: Subject, answer: Answerer): Promise<Event[]> {
  return world === 'pushed'
    ? conversePushed(app, subject, answer)
    : converseModern(() => app.url, subject, answer);
}

async function conversePushed(app: TestApp, { method = 'tools/call', params }: Subject, answer: Answerer) {
  const client = await SessionClient.open(app, { capabilities: ALL_CAPABILITIES });
  await client.request('logging/setLevel', { level: 'debug' });
  const request = legacy(method, { ...params, _meta: { progressToken: 'progress' } });
  const call = new RawExchange(client.url, { method: 'POST', body: request, headers: client.headers });
  const events: Event[] = [];
  let seen = 0;
  const unread = () =>
    (call.headers['content-type'] === 'application/json' ? [call.json] : call.messages).slice(seen);
  const isOver = () => events.some((event) => 'result' in event || 'error' in event);
  while (!isOver()) {
    await call.until(() => call.isComplete || call.messages.length > seen);
    for (const message of unread()) {
      seen++;
      events.push(readEvent(message));
      if (!('method' in message && 'id' in message)) continue;
      const result = answer(message.method, withoutMode(message.params)) ?? { action: 'cancel' };
      await client.answer(message, result);
    }
  }
  await client.delete();
  return events;
}

/** The same over 2026-07-28, where every request may go elsewhere. */
export async function converseModern(
  url: () => string,
  subject: Subject,
  answer: Answerer,
): Promise<Event[]> {
  const client = new ModernClient(url(), subject, { progressToken: 'progress', logLevel: 'debug' });
  const events: Event[] = [];
  const open = new Set<string>();
  let { messages } = await client.send();
  for (;;) {
    const last = messages.at(-1);
    events.push(...messages.slice(0, -1).map(readEvent));
    if (last.result?.resultType !== 'input_required') return [...events, readEvent(last)];
    const { inputRequests = {}, requestState } = last.result;
    const inputResponses: Record<string, object> = {};
    for (const [key, { method, params }] of Object.entries<any>(inputRequests)) {
      // A question that is repeated is no news.
      if (!open.has(key)) events.push({ asked: method, params: withoutMode(params) });
      open.add(key);
      const result = answer(method, withoutMode(params));
      if (result) inputResponses[key] = result;
    }
    const next = client.with({ url: url() });
    ({ messages } = await next.send({ inputResponses, ...(requestState && { requestState }) }));
  }
}

function readEvent(message: any): Event {
  const { method, params, result, error } = message;
  if (method === 'notifications/progress') return { progress: params.progress };
  if (method === 'notifications/message') return { log: params.data, level: params.level };
  if (method !== undefined) return { asked: method, params: withoutMode(params) };
  if (error) return { error: withoutReference(error) };
  const { resultType: _, _meta: __, ttlMs: ___, cacheScope: ____, ...rest } = result;
  return { result: withoutReference(rest) };
}

/** References into the log are new each time. */
function withoutReference<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll(/reference [0-9a-f-]{36}/g, 'reference')) as T;
}

/** Only legacy pages to visit have an id. */
function withoutMode({ elicitationId: _, ...params }: any = {}): object {
  return params;
}
