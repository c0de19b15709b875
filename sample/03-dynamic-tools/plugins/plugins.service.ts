import { ConflictException, Injectable, NotFoundException, UseGuards } from '@nestjs/common';
import { McpRegistry } from 'nestjs-mcp-adapters';
import { AuditGuard } from './audit.guard.js';
import { PLUGINS } from './plugins.js';

/** Turns plugins on and off: each is a tool that comes and goes. */
@Injectable()
export class PluginsService {
  private readonly enabled = new Set<string>();

  constructor(private readonly registry: McpRegistry) {}

  list() {
    return Array.from(PLUGINS.keys(), (name) => ({ name, enabled: this.enabled.has(name) }));
  }

  async enable(name: string): Promise<void> {
    const plugin = PLUGINS.get(name);
    if (!plugin) throw new NotFoundException(`There is no plugin "${name}"`);
    if (this.enabled.has(name)) throw new ConflictException(`"${name}" is on already`);
    const { description, input } = plugin;
    await this.registry.addTool({ name, description, input, decorators: [UseGuards(AuditGuard)] }, (args) =>
      plugin.run(args),
    );
    this.enabled.add(name);
  }

  async disable(name: string): Promise<void> {
    if (!this.enabled.delete(name)) throw new NotFoundException(`"${name}" is not on`);
    await this.registry.removeTool(name);
  }
}
