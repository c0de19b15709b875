import { Injectable } from '@nestjs/common';
import {
  McpCompletion,
  McpPrompt,
  McpPublic,
  McpResource,
  McpScopes,
  McpTool,
  type McpContext,
} from 'nestjs-mcp-adapters';

/** Primitives of each kind and each degree of protection. */
@Injectable()
@McpScopes('weather:read')
export class Weather {
  @McpTool({ name: 'forecast' })
  forecast(_: unknown, ctx: McpContext) {
    return `for ${ctx.principal?.subject}`;
  }

  @McpTool({ name: 'correct' })
  @McpScopes('weather:write', 'weather:audit')
  correct() {
    return 'corrected';
  }

  @McpTool({ name: 'about' })
  @McpPublic()
  about(_: unknown, ctx: McpContext) {
    return `told to ${ctx.principal?.subject ?? 'anybody'}`;
  }

  @McpResource({ uri: 'weather://stations', name: 'stations' })
  stations() {
    return 'all of them';
  }

  @McpResource({ uriTemplate: 'weather://stations/{id}', name: 'station' })
  @McpScopes('weather:stations')
  station() {
    return 'one of them';
  }

  @McpResource({ uri: 'weather://terms', name: 'terms' })
  @McpPublic()
  terms() {
    return 'terms of use';
  }

  @McpPrompt({ name: 'summarise', arguments: [{ name: 'city' }] })
  summarise() {
    return 'Summarise';
  }

  @McpCompletion({ prompt: 'summarise', argument: 'city' })
  cities() {
    return ['Lisbon'];
  }

  @McpPrompt({ name: 'greet' })
  @McpPublic()
  greet() {
    return 'Say hello';
  }
}

/** Primitives that need a token and nothing more. */
@Injectable()
export class Account {
  @McpTool({ name: 'profile' })
  profile(_: unknown, ctx: McpContext) {
    return String(ctx.principal?.subject);
  }
}
