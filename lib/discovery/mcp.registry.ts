import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { NotificationBus, type BusEvent, type ListChangedEvent } from '../adapters/notification-bus.js';
import { McpPublic, McpScopes } from '../decorators/mcp-access.decorators.js';
import { DynamicHandlerFactory } from '../execution/dynamic-handlers.js';
import { forbidsNonWhitelisted } from '../execution/global-validation.js';
import { MCP_OPTIONS } from '../mcp.constants.js';
import type { ResolvedOptions } from '../mcp-options.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { Catalog } from '../registry/catalog.js';
import type { PrimitiveKind } from '../registry/declared-kinds.js';
import type { Entry } from '../registry/entries.js';
import type { EntrySet } from '../registry/entry-set.js';
import type { SchemaSource } from '../schema/schema-source.js';
import type { JsonSchema } from '../schema/schema.js';
import { accessOf, assertEnforced } from './primitive-access.js';
import type { PrimitiveSource } from './primitive-source.js';
import { createPromptEntry } from './prompt-entry.factory.js';
import type {
  McpHandler,
  McpPromptRegistration,
  McpResourceHandler,
  McpResourceRegistration,
  McpToolRegistration,
} from './registration.js';
import { createResourceEntry, createResourceTemplateEntry, isTemplate } from './resource-entry.factory.js';
import { createToolEntry } from './tool-entry.factory.js';

/** Puts an entry into its set; `false` if it does not get in. */
type Store = <E extends Entry>(entries: EntrySet<E>, entry: E) => boolean;

const add: Store = (entries, entry) => entries.add(entry);
const put: Store = (entries, entry) => {
  entries.put(entry);
  return true;
};

/** Registration data of a primitive, without its options. */
interface Addition {
  readonly key: string;
  readonly method: string;
  readonly store: Store;
  readonly decorators?: readonly MethodDecorator[];
  readonly scopes?: readonly string[];
  readonly isPublic?: boolean;
  readonly handler: (...args: never[]) => unknown;
}

/**
 * Adds, replaces and removes tools, resources and prompts of a server while it runs. Inject it.
 *
 * Added primitives are validated and run as decorated ones: same schemas, and behind the application's guards, pipes,
 * interceptors and filters. A change holds for every call that begins once the promise has resolved; calls that run
 * keep their handler. Once the application has started, clients that can be told are told that the list has changed.
 *
 * A registry knows the instance it is on. Where there are several, add the same everywhere.
 *
 * @publicApi
 */
@Injectable()
export class McpRegistry implements OnApplicationBootstrap {
  #isStarted = false;

  /** @internal */
  constructor(
    private readonly catalog: Catalog,
    private readonly handlers: DynamicHandlerFactory,
    private readonly bus: NotificationBus,
    @Inject(MCP_OPTIONS) private readonly options: ResolvedOptions,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** @throws McpConfigurationError if the name is taken, or the options cannot work. */
  addTool<S extends SchemaSource = JsonSchema>(
    tool: McpToolRegistration<S>,
    handler: McpHandler<S>,
  ): Promise<void> {
    return this.#storeTool(tool, { ...tool, key: tool.name, method: 'addTool', store: add, handler });
  }

  /** Adds a tool, in place of the one with its name if there is one; no call finds neither. */
  replaceTool<S extends SchemaSource = JsonSchema>(
    tool: McpToolRegistration<S>,
    handler: McpHandler<S>,
  ): Promise<void> {
    return this.#storeTool(tool, { ...tool, key: tool.name, method: 'replaceTool', store: put, handler });
  }

  /** Resolves to `false` when there is no such tool. Decorated ones can be removed too. */
  async removeTool(name: string): Promise<boolean> {
    return this.#changed('tools', this.catalog.tools.remove(name));
  }

  /** @throws McpConfigurationError if the URI (or template) is taken, or the options cannot work. */
  addResource<S extends SchemaSource = JsonSchema>(
    resource: McpResourceRegistration<S>,
    handler: McpResourceHandler<S>,
  ): Promise<void> {
    return this.#storeResource(resource, {
      ...resource,
      key: keyOf(resource),
      method: 'addResource',
      store: add,
      handler,
    });
  }

  /** Adds a resource, in place of the one with its URI (or template) if there is one; no call finds neither. */
  replaceResource<S extends SchemaSource = JsonSchema>(
    resource: McpResourceRegistration<S>,
    handler: McpResourceHandler<S>,
  ): Promise<void> {
    const addition = { ...resource, key: keyOf(resource), method: 'replaceResource', store: put, handler };
    return this.#storeResource(resource, addition);
  }

  /** Takes a URI or a URI template. Resolves to `false` when there is none. Decorated ones can be removed too. */
  async removeResource(uri: string): Promise<boolean> {
    const { resources, resourceTemplates } = this.catalog;
    return this.#changed('resources', resources.remove(uri) || resourceTemplates.remove(uri));
  }

  /** @throws McpConfigurationError if the name is taken, or the options cannot work. */
  addPrompt<S extends SchemaSource = JsonSchema>(
    prompt: McpPromptRegistration<S>,
    handler: McpHandler<S>,
  ): Promise<void> {
    return this.#storePrompt(prompt, {
      ...prompt,
      key: prompt.name,
      method: 'addPrompt',
      store: add,
      handler,
    });
  }

  /** Adds a prompt, in place of the one with its name if there is one; no call finds neither. */
  replacePrompt<S extends SchemaSource = JsonSchema>(
    prompt: McpPromptRegistration<S>,
    handler: McpHandler<S>,
  ): Promise<void> {
    return this.#storePrompt(prompt, {
      ...prompt,
      key: prompt.name,
      method: 'replacePrompt',
      store: put,
      handler,
    });
  }

  /** Resolves to `false` when there is no such prompt. Decorated ones can be removed too. */
  async removePrompt(name: string): Promise<boolean> {
    return this.#changed('prompts', this.catalog.prompts.remove(name));
  }

  /** Notifies clients that watch the resource that its content has changed. */
  async resourceUpdated(uri: string): Promise<void> {
    await this.#publish({ type: 'resource_updated', server: this.options.name ?? '', uri });
  }

  /** Called by Nest: from here on changes are announced, of what clients are told that there is. */
  onApplicationBootstrap(): void {
    this.#declare(this.options.capabilities);
    this.#declare(this.catalog.kinds);
    this.#isStarted = true;
  }

  async #storeTool(options: McpToolRegistration<SchemaSource>, addition: Addition): Promise<void> {
    const entry = await createToolEntry(options, await this.#sourceOf(addition), this.options);
    await this.#store('tools', this.catalog.tools, entry, addition);
  }

  async #storeResource(options: McpResourceRegistration<SchemaSource>, addition: Addition): Promise<void> {
    const { resources, resourceTemplates } = this.catalog;
    const source = await this.#sourceOf(addition);
    if (isTemplate(options)) {
      await this.#store(
        'resources',
        resourceTemplates,
        await createResourceTemplateEntry(options, source),
        addition,
      );
    } else {
      await this.#store('resources', resources, createResourceEntry(options, source), addition);
    }
  }

  async #storePrompt(options: McpPromptRegistration<SchemaSource>, addition: Addition): Promise<void> {
    const entry = await createPromptEntry(options, await this.#sourceOf(addition));
    await this.#store('prompts', this.catalog.prompts, entry, addition);
  }

  async #sourceOf(addition: Addition): Promise<PrimitiveSource> {
    const { key, method, handler, scopes = [], isPublic = false } = addition;
    const where = whereOf(method, key);
    const decorators = [
      ...(addition.decorators ?? []),
      ...(scopes.length > 0 ? [McpScopes(...scopes)] : []),
      ...(isPublic ? [McpPublic()] : []),
    ];
    const { invoke, permission, callback } = await this.handlers.create(handler, decorators, where);
    const access = accessOf([callback], where);
    assertEnforced(access, this.options, where);
    return {
      where,
      defaultName: key,
      defaultInput: undefined,
      invoke,
      access,
      permission: this.options.hideDenied ? permission : undefined,
      guardCompleter: (completer) => this.handlers.createCompleter(completer, decorators, where),
      schemaToJson: this.options.schemaToJson,
      forbidNonWhitelisted: forbidsNonWhitelisted(this.moduleRef),
      logger: this.options.logger,
    };
  }

  async #store<E extends Entry>(
    list: ListChangedEvent['list'],
    entries: EntrySet<E>,
    entry: E,
    { store, method, key }: Addition,
  ): Promise<void> {
    if (!store(entries, entry)) {
      throw new McpConfigurationError(
        `${whereOf(method, key)}: this is taken; remove it first, or use ${method.replace('add', 'replace')}`,
      );
    }
    if (this.#isStarted) this.#warnOfUndeclared(method);
    await this.#changed(list, true);
  }

  #declare(kinds: readonly PrimitiveKind[]): void {
    for (const kind of kinds) this.catalog.declared.add(kind);
  }

  /** Warns once for each kind: clients that connect from now on are told of it. */
  #warnOfUndeclared(method: string): void {
    const undeclared = this.catalog.kinds.filter((kind) => !this.catalog.declared.has(kind));
    if (undeclared.length === 0) return;
    this.#declare(undeclared);
    const option = `{ ${undeclared.map((kind) => `${kind}: {}`).join(', ')} }`;
    this.options.logger.warn(
      `McpRegistry.${method}: clients that are connected have been told that there are no ${undeclared.join(' and ')}, ` +
        `and may never ask. Give McpModule the option capabilities: ${option}`,
    );
  }

  /** Every change ends here. */
  async #changed(list: ListChangedEvent['list'], hasChanged: boolean): Promise<boolean> {
    // No client has seen a list of this instance before it started.
    if (hasChanged && this.#isStarted) {
      await this.#publish({ type: 'list_changed', server: this.options.name ?? '', list });
    }
    return hasChanged;
  }

  /** The change has happened, whether or not others can be told. */
  async #publish(event: BusEvent): Promise<void> {
    try {
      await this.bus.publish(event);
    } catch (error) {
      this.options.logger.error(`Could not announce ${JSON.stringify(event)}: ${String(error)}`);
    }
  }
}

function keyOf(resource: McpResourceRegistration<SchemaSource>): string {
  return resource.uriTemplate ?? resource.uri;
}

function whereOf(method: string, key: string): string {
  return `McpRegistry.${method}("${key}")`;
}
