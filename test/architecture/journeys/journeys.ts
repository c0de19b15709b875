import { Injectable, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpContext,
  McpModule,
  McpTool,
} from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';

const FORM = { type: 'object', properties: { city: { type: 'string' } } } as const;
const META = 'io.modelcontextprotocol/';

@Injectable()
class Tools {
  @McpTool({ name: 'echo', description: 'Echo', input: { type: 'object' } })
  echo(args: unknown): string {
    return JSON.stringify(args);
  }

  @McpTool({ name: 'ask', description: 'Asks', input: { type: 'object' } })
  async ask(_args: unknown, ctx: McpContext): Promise<string> {
    await ctx.progress(1);
    const { action } = await ctx.elicit({ message: 'Where?', schema: FORM });
    await ctx.progress(2);
    return action;
  }
}

/** One request of a client; resolves with the JSON-RPC messages of the response. */
type Send = (message: object, headers?: Record<string, string>) => Promise<Answer>;

interface Answer {
  readonly sessionId: string | undefined;
  readonly messages: readonly Record<string, any>[];
}

interface Instance {
  readonly app: INestApplication;
  readonly url: string;
  readonly send: Send;
}

const SECRET = { requestStateSecret: 'the same for both, and of more than 32 characters' };

/** Starts what the journeys go through, on in-memory adapters that two instances share. */
export function startJourneys() {
  const state = {
    sessionAdapter: new InMemorySessionAdapter(),
    clientRequestAdapter: new InMemoryClientRequestAdapter(),
    ...SECRET,
  };
  return startWith(() => state);
}

/** The same on a Redis. */
export function startJourneysOn(url: string) {
  return startWith(() => ({ store: redisStore({ url }), ...SECRET }));
}

async function startWith(state: () => object) {
  const [stateless, first, second] = await Promise.all([start({}), start(state()), start(state())]);
  const sessionId = await initialize(first);
  const journeys: Record<string, () => Promise<unknown>> = {
    'stateless call': () => stateless.send(modern('echo')),
    'session call': () => first.send(legacy('echo'), session(sessionId)),
    'pushed question and its answer': () => pushed(first, sessionId),
    'parked question and its retry': () => parked(first, first),
    'parked question, retried elsewhere': () => parked(first, second),
  };
  const close = async () => {
    for (const { app } of [stateless, first, second]) await app.close();
  };
  return { journeys, close };
}

async function start(options: object): Promise<Instance> {
  @Module({
    imports: [McpModule.forRoot({ serverInfo: { name: 'journeys', version: '1.0.0' }, ...options })],
    providers: [Tools],
  })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = `${await app.getUrl()}/mcp`;
  const send: Send = async (message, headers = {}) => {
    const response = await post(url, message, headers);
    return {
      sessionId: response.headers.get('mcp-session-id') ?? undefined,
      messages: read(await response.text()),
    };
  };
  return { app, url, send };
}

function post(url: string, message: object, given: Record<string, string>): Promise<Response> {
  const { method, params } = message as { method?: string; params?: Record<string, any> };
  const version = params?.['_meta']?.[`${META}protocolVersion`] as string | undefined;
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(version !== undefined && {
      'mcp-protocol-version': version,
      'mcp-method': String(method),
      'mcp-name': String(params?.['name']),
    }),
    ...given,
  };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(message) });
}

/** Messages of a body that is JSON or a stream of events. */
function read(body: string): Record<string, any>[] {
  const texts = body.startsWith('{')
    ? [body]
    : [...body.matchAll(/^data: (\{.*)$/gm)].map(([, text]) => text);
  return texts.map((text) => JSON.parse(String(text)) as Record<string, any>);
}

function legacy(name: string): object {
  const params = { name, arguments: {}, _meta: { progressToken: 1 } };
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
}

function modern(name: string, more: object = {}): object {
  const _meta = {
    [`${META}protocolVersion`]: '2026-07-28',
    [`${META}clientInfo`]: { name: 'journeys', version: '1.0.0' },
    [`${META}clientCapabilities`]: { elicitation: {} },
    progressToken: 1,
  };
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {}, _meta, ...more } };
}

function session(id: string): Record<string, string> {
  return { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' };
}

async function initialize({ send }: Instance): Promise<string> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {} },
    clientInfo: { name: 'journeys', version: '1.0.0' },
  };
  const { sessionId } = await send({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  return String(sessionId);
}

const ACCEPTED = { action: 'accept', content: { city: 'Bern' } };

/** A question on the stream of a call, answered by another POST. */
async function pushed({ url, send }: Instance, sessionId: string): Promise<void> {
  const response = await post(url, legacy('ask'), session(sessionId));
  let body = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const isAsked = body.includes('elicitation/create');
    body += Buffer.from(chunk).toString();
    const question = read(body).find(({ method }) => method === 'elicitation/create');
    if (question && !isAsked) {
      await send({ jsonrpc: '2.0', id: question['id'], result: ACCEPTED }, session(sessionId));
    }
  }
}

/** A call that is answered with a question, and the retry that brings the answer. */
async function parked(asked: Instance, retried: Instance): Promise<void> {
  const { messages } = await asked.send(modern('ask'));
  const { requestState, inputRequests } = messages.at(-1)?.['result'] as Record<string, any>;
  const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, ACCEPTED]));
  await retried.send(modern('ask', { requestState, inputResponses }));
}
