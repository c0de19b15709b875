import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, LazyModuleLoader, MetadataScanner, ModuleRef } from '@nestjs/core';
import { decoratedClasses } from '../decorators/decorated-classes.js';
import type { ProviderWrapper } from '../execution/invoke.js';
import { MCP_OPTIONS } from '../mcp.constants.js';
import type { ResolvedOptions } from '../mcp-options.js';
import { readDeclarations, type Declarations } from './mcp-metadata.accessor.js';
import { isOfServer, prototypeOf } from './server-providers.js';

const DECORATORS: Readonly<Record<keyof Declarations, string>> = {
  tool: '@McpTool()',
  resource: '@McpResource()',
  prompt: '@McpPrompt()',
  completion: '@McpCompletion()',
};

/** Warns of primitives that are declared where no server looks for them. */
@Injectable()
export class OverlookedPrimitives {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly moduleRef: ModuleRef,
    @Inject(MCP_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /** To be called once all that can be found has been. */
  warn(): void {
    this.#warnOfControllers();
    this.#warnOfFactories();
    this.#watchLazyModules();
  }

  #warnOfControllers(): void {
    const provided = new Set(this.discovery.getProviders().map(({ metatype }) => metatype));
    for (const wrapper of this.discovery.getControllers()) {
      if (provided.has(wrapper.metatype) || !isOfServer(wrapper, this.options)) continue;
      this.#say(
        prototypeOf(wrapper),
        'is not served: the class is a controller. Move the method to a provider, which the controller may inject',
      );
    }
  }

  /** What a factory makes for each request is not known before there is one: at most what nobody else provides. */
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
      this.#say(
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
    this.#say(
      prototypeOf(wrapper),
      `is not served: its module (${wrapper.host?.name}) was loaded lazily, after the start. ` +
        'Import the module, or add the tool, resource or prompt with McpRegistry',
    );
  }

  #say(prototype: object | undefined, problem: string): void {
    if (!prototype) return;
    for (const method of this.scanner.getAllMethodNames(prototype)) {
      const declared = readDeclarations((prototype as Record<string, object>)[method] as object);
      for (const [kind, decorator] of Object.entries(DECORATORS)) {
        if (!declared[kind as keyof Declarations]) continue;
        this.options.logger.warn(`${prototype.constructor.name}.${method}: ${decorator} ${problem}`);
      }
    }
  }
}

function inherits(prototype: object | undefined, from: object): boolean {
  return prototype !== undefined && Object.prototype.isPrototypeOf.call(from, prototype);
}
