import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { HandlerFactory, type ProviderWrapper } from '../execution/handler.factory.js';
import { MCP_FEATURE, MCP_OPTIONS } from '../mcp.constants.js';
import type { ResolvedOptions } from '../mcp-options.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { McpRegistry } from '../registry/mcp.registry.js';
import { readArgumentsClass, readTool, takesNothing } from './mcp-metadata.accessor.js';
import { createToolEntry } from './tool-entry.factory.js';

const ANY_OBJECT = { type: 'object' };
const EMPTY_OBJECT = { type: 'object', additionalProperties: false };

/** Walks the providers that belong to this server and puts what they declare into the registry. */
@Injectable()
export class McpExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly handlers: HandlerFactory,
    private readonly registry: McpRegistry,
    @Inject(MCP_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  async explore(): Promise<void> {
    const declaredBy = new Map<string, string>();
    for (const wrapper of this.discovery.getProviders()) {
      if (!this.#isOurs(wrapper)) continue;
      const prototype: unknown = wrapper.instance && Object.getPrototypeOf(wrapper.instance);
      if (typeof prototype !== 'object' || prototype === null) continue;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        await this.#addTool(wrapper, prototype, method, declaredBy);
      }
    }
    if (this.registry.toolCount === 0) this.#warnOfNothing();
  }

  #isOurs(wrapper: ProviderWrapper): boolean {
    if (wrapper.isAlias || wrapper.isNotMetatype || typeof wrapper.instance !== 'object') return false;
    const { host } = wrapper;
    if (!host) return false;
    const feature = host.getProviderByKey<{ server: string | undefined }>(MCP_FEATURE)?.instance;
    if (feature) return feature.server === this.options.name;
    const { include } = this.options;
    if (include) return include.includes(host.metatype as never);
    return !this.options.hasSiblings;
  }

  async #addTool(
    wrapper: ProviderWrapper,
    prototype: object,
    method: string,
    declaredBy: Map<string, string>,
  ): Promise<void> {
    const options = readTool((prototype as Record<string, object>)[method] as object);
    if (!options) return;
    const where = `${prototype.constructor.name}.${method}`;
    const entry = await createToolEntry(options, {
      where,
      defaultName: method,
      defaultInput:
        readArgumentsClass(prototype, method) ?? (takesNothing(prototype, method) ? EMPTY_OBJECT : ANY_OBJECT),
      invoke: this.handlers.create(wrapper, method),
      schemaToJson: this.options.schemaToJson,
    });
    const { name } = entry.tool;
    if (!this.registry.addTool(entry)) {
      throw new McpConfigurationError(
        `${where}: the tool name "${name}" is taken by ${declaredBy.get(name)}; give one of them another name`,
      );
    }
    declaredBy.set(name, where);
  }

  #warnOfNothing(): void {
    const { name, include, hasSiblings, logger } = this.options;
    const server = name === undefined ? 'This MCP server' : `The MCP server "${name}"`;
    const where = include
      ? `the modules given in include (${include.map((module) => module.name).join(', ')})`
      : hasSiblings
        ? `McpModule.forFeature([...], '${name}') or the modules given in include, as there are several servers`
        : 'the providers of a module that the application imports';
    logger.warn(`${server} has no tools. Check that the classes with @McpTool are among ${where}`);
  }
}
