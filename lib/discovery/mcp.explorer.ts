import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { completeParameters } from '../decorators/mcp-params.decorators.js';
import { assertNotReplaced } from '../decorators/replaced-methods.js';
import { withGuardsOf } from '../execution/with-guards-of.js';
import { forbidsNonWhitelisted } from '../execution/global-validation.js';
import { HandlerFactory } from '../execution/handler.factory.js';
import type { Callback, ProviderWrapper } from '../execution/invoke.js';
import { PermissionFactory } from '../execution/permission.factory.js';
import { MCP_OPTIONS } from '../mcp.constants.js';
import type { ResolvedOptions } from '../mcp-options.js';
import { Catalog } from '../registry/catalog.js';
import { CatalogWriter } from './catalog-writer.js';
import { checkParameters } from './handler-parameters.js';
import { readArgumentsClass, readDeclarations, takesNothing } from './mcp-metadata.accessor.js';
import { accessOf, assertEnforced } from './primitive-access.js';
import { OverlookedPrimitives } from './overlooked-primitives.js';
import { McpRoute } from './mcp-route.js';
import type { PrimitiveSource } from './primitive-source.js';
import { isOfServer, prototypeOf } from './server-providers.js';

const EMPTY_OBJECT = { type: 'object', additionalProperties: false };

/** Walks the providers that belong to this server and puts what they declare into the catalog. */
@Injectable()
export class McpExplorer {
  readonly #writer: CatalogWriter;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly handlers: HandlerFactory,
    private readonly permissions: PermissionFactory,
    private readonly catalog: Catalog,
    private readonly overlooked: OverlookedPrimitives,
    @Inject(MCP_OPTIONS) private readonly options: ResolvedOptions,
    private readonly moduleRef: ModuleRef,
  ) {
    this.#writer = new CatalogWriter(catalog, options);
  }

  async explore(): Promise<void> {
    const explored = new Set<unknown>();
    for (const wrapper of this.discovery.getProviders()) {
      if (wrapper.isAlias || !isOfServer(wrapper, this.options) || explored.has(wrapper.instance)) continue;
      const prototype = prototypeOf(wrapper);
      if (!prototype) continue;
      explored.add(wrapper.instance ?? wrapper);
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        await this.#declare(wrapper, prototype, method);
      }
    }
    this.#writer.finish();
    this.overlooked.check();
    if (this.catalog.isEmpty) this.#warnOfNothing();
  }

  async #declare(wrapper: ProviderWrapper, prototype: object, method: string): Promise<void> {
    const handler = (prototype as Record<string, object>)[method] as object;
    const declared = readDeclarations(handler);
    const where = `${prototype.constructor.name}.${method}`;
    assertNotReplaced(prototype, method, where);
    if (!Object.values(declared).some(Boolean)) return;
    const access = accessOf([prototype.constructor, handler], where);
    assertEnforced(access, this.options, where);
    checkParameters(prototype, method, {
      where,
      declared,
      pathParameters: this.#pathParameters(),
      logger: this.options.logger,
    });
    const source: PrimitiveSource = {
      where,
      defaultName: method,
      defaultInput:
        readArgumentsClass(prototype, method) ??
        (declared.tool && takesNothing(prototype, method) ? EMPTY_OBJECT : undefined),
      invoke: this.handlers.create(wrapper, method),
      access,
      guardCompleter: (completer, argument) => {
        const name = `${method} (completion of ${argument})`;
        completeParameters(prototype.constructor, name, true);
        return this.handlers.create(wrapper, name, withGuardsOf(handler, completer));
      },
      permission: this.options.hideDenied
        ? this.permissions.create(wrapper, method, handler as Callback)
        : undefined,
      schemaToJson: this.options.schemaToJson,
      forbidNonWhitelisted: forbidsNonWhitelisted(this.moduleRef),
      logger: this.options.logger,
    };
    await this.#writer.write(declared, source, `${where} (${wrapper.host?.name})`);
  }

  /** The `:parameters` of the endpoint's path. */
  #pathParameters(): readonly string[] {
    return this.moduleRef
      .get(McpRoute, { strict: true })
      .paths.flatMap((path) => [...path.matchAll(/[:*](\w+)/g)].map(([, name = '']) => name));
  }

  #warnOfNothing(): void {
    const { name, logger } = this.options;
    const server = name === undefined ? 'This MCP server' : `The MCP server "${name}"`;
    logger.warn(
      `${server} has no tools, resources or prompts. Check that the classes with @McpTool, @McpResource or @McpPrompt are among ${this.#whereToLook()}`,
    );
  }

  #whereToLook(): string {
    const { name, include, hasSiblings } = this.options;
    if (include) return `the modules given in include (${include.map((module) => module.name).join(', ')})`;
    if (!hasSiblings) return 'the providers of a module that the application imports';
    const feature = `McpModule.forFeature([...]${name === undefined ? '' : `, '${name}'`})`;
    return `${feature} or the modules given in include, as there are several servers`;
  }
}
