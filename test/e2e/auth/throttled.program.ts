/** A server with throttlers: in a process of its own, since jest cannot load @nestjs/throttler beside NestJS 12. */
import 'reflect-metadata';
import { Injectable, Module, UseGuards, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Throttle, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import {
  InMemorySessionAdapter,
  McpExecutionContext,
  McpModule,
  McpRegistry,
  McpTool,
} from 'nestjs-mcp-adapters';
import { JwtTokenVerifier } from 'nestjs-mcp-adapters/jwt';

const { PLATFORM, LIMITED, SESSIONS, ISSUER = '', AUDIENCE = '' } = process.env;

/** Counts by caller; of a route by the token, as it stands before it is verified. */
@Injectable()
class CallerThrottler extends ThrottlerGuard {
  protected override async getTracker(request: any, context?: ExecutionContext): Promise<string> {
    if (!context || !McpExecutionContext.is(context)) return String(request.headers.authorization);
    return String(McpExecutionContext.create(context).getContext().principal?.subject);
  }
}

@Injectable()
class Tools {
  runs = 0;

  @McpTool({ name: 'dear' })
  @UseGuards(CallerThrottler)
  @Throttle({ default: { ttl: 60_000, limit: 2 } })
  dear() {
    return `run ${++this.runs}`;
  }

  @McpTool({ name: 'other' })
  @UseGuards(CallerThrottler)
  other() {
    return 'fine';
  }
}

const isEndpoint = LIMITED === 'endpoint';

@Module({
  imports: [
    ThrottlerModule.forRoot([
      isEndpoint
        ? { ttl: 60_000, limit: 3, skipIf: (context) => McpExecutionContext.is(context) }
        : { ttl: 60_000, limit: 50 },
    ]),
    McpModule.forRoot({
      ...(SESSIONS && { sessionAdapter: new InMemorySessionAdapter() }),
      auth: {
        authorizationServers: [ISSUER],
        verifier: new JwtTokenVerifier({ issuer: ISSUER, jwksUrl: `${ISSUER}/jwks`, audience: AUDIENCE }),
      },
    }),
  ],
  providers: [
    Tools,
    CallerThrottler,
    ...(isEndpoint ? [{ provide: APP_GUARD, useClass: CallerThrottler }] : []),
  ],
})
class AppModule {}

const adapter = PLATFORM === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(AppModule, adapter as ExpressAdapter, { logger: false });
const registry = app.get(McpRegistry, { strict: false });
for (const name of ['late', 'later']) {
  const decorators = [UseGuards(CallerThrottler), Throttle({ default: { ttl: 60_000, limit: 1 } })];
  await registry.addTool({ name, decorators }, () => name);
}
await app.listen(0, '127.0.0.1');
process.stdout.write(`${await app.getUrl()}/mcp\n`);
