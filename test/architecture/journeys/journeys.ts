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
import { askedIn, ModernClient } from '../../support/modern-client.js';
import { SessionClient } from '../../support/session-client.js';

const FORM = { type: 'object', properties: { city: { type: 'string' } } } as const;

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

interface Instance {
  readonly app: INestApplication;
  readonly url: string;
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
  const session = await SessionClient.open(first, { capabilities: { elicitation: {} } });
  const journeys: Record<string, () => Promise<unknown>> = {
    'stateless call': () => call(stateless, 'echo').send(),
    'session call': () => session.call('echo', {}, PROGRESS),
    'pushed question and its answer': () => pushed(session),
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
  return { app, url: `${await app.getUrl()}/mcp` };
}

function call({ url }: Instance, name: string): ModernClient {
  return ModernClient.tool({ url }, name, {}, { ...PROGRESS, capabilities: { elicitation: {} } });
}

const PROGRESS = { progressToken: 1 };
const ACCEPTED = { action: 'accept', content: { city: 'Bern' } };

/** A question on the stream of a call, answered by another POST. */
async function pushed(session: SessionClient): Promise<void> {
  const stream = session.begin('ask', {}, PROGRESS);
  await session.answer(await stream.message(({ method }) => method === 'elicitation/create'), ACCEPTED);
  await stream.message((message) => 'result' in message);
  await stream.closed;
}

/** A call that is answered with a question, and the retry that brings the answer. */
async function parked(asked: Instance, retried: Instance): Promise<void> {
  const question = await call(asked, 'ask').send();
  const inputResponses = Object.fromEntries(Object.keys(askedIn(question)).map((key) => [key, ACCEPTED]));
  await call(retried, 'ask').answer(question, inputResponses);
}
