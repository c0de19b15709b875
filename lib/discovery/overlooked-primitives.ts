import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, LazyModuleLoader, MetadataScanner, ModuleRef } from '@nestjs/core';
import { decoratedClasses } from '../decorators/decorated-classes.js';
import type { ProviderWrapper } from '../execution/invoke.js';
import { MCP_OPTIONS } from '../mcp.constants.js';
import type { ResolvedOptions } from '../mcp-options.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { readDeclarations, type Declarations } from './mcp-metadata.accessor.js';
import { isOfServer, prototypeOf } from './server-providers.js';

const DECORATORS: Readonly<Record<keyof Declarations, string>> = {
  tool: '@McpTool()',
  resource: '@McpResource()',
  prompt: '@McpPrompt()',
  completion: '@McpCompletion()',
};

/** Finds primitives that are declared where no server looks for them: refuses those on controllers, warns of others. */
@Injectable()
export class OverlookedPrimitives {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly moduleRef: ModuleRef,
    @Inject(MCP_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /**
   * To be called once all that can be found has been.
   *
   * @throws McpConfigurationError naming every primitive on a controller of this server.
   */
  check(): void {
    this.#refuseControllers();
    this.#warnOfFactories();
    this.#watchLazyModules();
  }

  #refuseControllers(): void {
    const provided = new Set(this.discovery.getProviders().map(({ metatype }) => metatype));
    const problems = this.discovery
      .getControllers()
      .filter((wrapper) => !provided.has(wrapper.metatype) && isOfServer(wrapper, this.options))
      .flatMap((wrapper) =>
        this.#describe(
          prototypeOf(wrapper),
          'is not served: the class is a controller. Move the method to a provider, which the controller may inject',
        ),
      );
    if (problems.length > 0) throw new McpConfigurationError(problems.join('\n'));
  }

  /** Warns of decorated classes that nothing else provides: the product of a factory is unknown before a request comes. */
  #warnOfFactories(): void {
    const providers = this.discovery.getProviders();
    const factories = providers.filter((wrapper) => this.#isOpaque(wrapper));
    if (factories.length === 0) return;
    const names = factories.map(({ token, host }) => `${String(token)} (${host?.name})`).join(', ');
    const known = [...providers, ...this.discovery.getControllers()].map(prototypeOf);
    const decorated = decoratedClasses().map(({ prototype }) => prototype);
    for (const prototype of decorated) {
      if (known.includes(prototype) || [...known, ...decorated].some((each) => inherits(each, prototype)))
        continue;
      this.#warnOf(
        prototype,
        `is not served, as far as its class comes from a request-scoped or transient factory: ${names}. ` +
          'Provide what the factory makes under its class, as in { provide: TheClass, useFactory }',
      );
    }
  }

  #isOpaque(wrapper: ProviderWrapper): boolean {
    // Nest's own REQUEST and INQUIRER are factories, too.
    if (!wrapper.inject || wrapper.isAlias || wrapper.host?.name === 'InternalCoreModule') return false;
    const isMadeLater = wrapper.isTransient || !wrapper.isDependencyTreeStatic();
    return isMadeLater && !prototypeOf(wrapper) && isOfServer(wrapper, this.options);
  }

  #watchLazyModules(): void {
    const loader = this.moduleRef.get(LazyModuleLoader, { strict: false });
    const seen = new Set(this.discovery.getProviders());
    const load = loader.load.bind(loader);
    loader.load = async (...args) => {
      const loaded = await load(...args);
      for (const wrapper of this.discovery.getProviders()) {
        if (seen.has(wrapper)) continue;
        seen.add(wrapper);
        this.#warnOfLate(wrapper);
      }
      return loaded;
    };
  }

  #warnOfLate(wrapper: ProviderWrapper): void {
    if (wrapper.isAlias || !isOfServer(wrapper, this.options)) return;
    this.#warnOf(
      prototypeOf(wrapper),
      `is not served: its module (${wrapper.host?.name}) was loaded lazily, after the start. ` +
        'Import the module, or add the tool, resource or prompt with McpRegistry',
    );
  }

  #warnOf(prototype: object | undefined, problem: string): void {
    for (const message of this.#describe(prototype, problem)) this.options.logger.warn(message);
  }

  /** The problem of each primitive of a class, by class, method and decorator. */
  #describe(prototype: object | undefined, problem: string): string[] {
    if (!prototype) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const declared = readDeclarations((prototype as Record<string, object>)[method] as object);
      return Object.entries(DECORATORS)
        .filter(([kind]) => declared[kind as keyof Declarations])
        .map(([, decorator]) => `${prototype.constructor.name}.${method}: ${decorator} ${problem}`);
    });
  }
}

function inherits(prototype: object | undefined, from: object): boolean {
  return prototype !== undefined && Object.prototype.isPrototypeOf.call(from, prototype);
}
