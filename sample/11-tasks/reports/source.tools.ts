import { Injectable } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { AddSourceDto } from './reports.dto.js';

/** Between two calls of the same conversation the model carries an id: no session, and no task. */
@Injectable()
export class SourceTools {
  @McpTool({ description: 'Begins a list of sources and returns its id', input: { type: 'object' } })
  async beginSources(_: object, ctx: McpContext) {
    return ctx.handles<string[]>('sources').create([], { ttlMs: 60 * 60_000 });
  }

  @McpTool({ description: 'Adds a source to a list and returns the list' })
  async addSource({ sources, url }: AddSourceDto, ctx: McpContext) {
    const list = await ctx.handles<string[]>('sources').update(sources, (urls) => [...urls, url]);
    return list.join('\n');
  }
}
