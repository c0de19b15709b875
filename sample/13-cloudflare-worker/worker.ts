import './polyfill.js';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createFetchHandler, type FetchHandler } from 'nestjs-mcp-adapters/fetch';
import { AppModule } from './app.module.js';
import type { Environment } from './environment.js';

export { McpStoreObject } from 'nestjs-mcp-adapters/cloudflare';

/** As many as share the work; each is an instance of the application like any other behind a load balancer. */
const INSTANCES = 4;

/**
 * An instance of the application. It lives in an object, as what a plain worker does ends with the request that began it: a
 * call whose client has gone, the wait for an answer that another request brings.
 */
export class Application {
  #handler: Promise<FetchHandler> | undefined;

  constructor(
    _state: unknown,
    private readonly environment: Environment,
  ) {}

  async fetch(request: Request): Promise<Response> {
    const handle = await (this.#handler ??= this.#start());
    return handle(request);
  }

  async #start(): Promise<FetchHandler> {
    const begun = Date.now();
    const app: INestApplicationContext = await NestFactory.createApplicationContext(
      AppModule.with(this.environment),
      { logger: ['error', 'warn'] },
    );
    const handler = createFetchHandler(app, {
      clientAddress: (request) => request.headers.get('cf-connecting-ip') ?? undefined,
    });
    console.log(`Started in ${Date.now() - begun} ms`);
    return handler;
  }
}

export default {
  /** Routes: any instance can serve any request, also those of a session that another one began. */
  async fetch(request: Request, { APPLICATION, STATE }: Environment): Promise<Response> {
    if (new URL(request.url).pathname !== '/mcp') return new Response('Not found', { status: 404 });
    const instance = STATE === 'kv' ? locationOf(request) : Math.floor(Math.random() * INSTANCES);
    const object = APPLICATION.get(APPLICATION.idFromName(`instance ${instance}`) as never);
    return object.fetch(request as never);
  },
};

/** The data centre that a request came to: what was written to KV there is there at once, and only there. */
function locationOf({ cf }: Request & { readonly cf?: { readonly colo?: string } }): string {
  return cf?.colo ?? 'here';
}
