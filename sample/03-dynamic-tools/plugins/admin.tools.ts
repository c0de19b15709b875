import { Injectable } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import type { Request } from 'express';
import { z } from 'zod';
import { PluginsService } from './plugins.service.js';

const PluginName = z.object({ name: z.string().describe('Name of a plugin, as list_plugins gives it') });
type PluginName = z.infer<typeof PluginName>;

/** For other callers these tools do not exist: neither in the list nor when called by name. */
const visible = (ctx: McpContext): boolean => {
  const { headers } = ctx.http?.request as Request;
  return headers['x-admin-key'] === (process.env['ADMIN_KEY'] ?? 'dynamic-tools');
};

@Injectable()
export class AdminTools {
  constructor(private readonly plugins: PluginsService) {}

  @McpTool({ name: 'list_plugins', description: 'Plugins there are, and which are on' })
  listPlugins() {
    return { plugins: this.plugins.list() };
  }

  @McpTool({ name: 'enable_plugin', description: 'Turn a plugin on', input: PluginName, visible })
  async enable({ name }: PluginName) {
    await this.plugins.enable(name);
    return `"${name}" is a tool now`;
  }

  @McpTool({ name: 'disable_plugin', description: 'Turn a plugin off', input: PluginName, visible })
  async disable({ name }: PluginName) {
    await this.plugins.disable(name);
    return `"${name}" is gone`;
  }
}
