import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { MCP_OPTIONS } from '../mcp.constants.js';
import type { ResolvedOptions } from '../mcp-options.js';
import { isObject } from '../protocol/json-rpc.js';
import { Catalog } from '../registry/catalog.js';
import type { Schema } from '../schema/schema.js';

/** Logs at the start what is served, and by which class, as Nest does of its routes. */
@Injectable()
export class ServedLog implements OnApplicationBootstrap {
  constructor(
    private readonly catalog: Catalog,
    @Inject(MCP_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  onApplicationBootstrap(): void {
    const { tools, resources, resourceTemplates, prompts } = this.catalog;
    for (const { key, where, input } of tools.sorted()) this.#say('tool', key, where, input);
    for (const { key, where } of resources.sorted()) this.#say('resource', key, where);
    for (const { key, where, input } of resourceTemplates.sorted())
      this.#say('resource template', key, where, input);
    for (const { key, where, input } of prompts.sorted()) this.#say('prompt', key, where, input);
  }

  #say(kind: string, key: string, where = '', input?: Schema): void {
    this.options.logger.log(`Mapped {${key}} ${kind}: ${where}(${describe(input)})`);
  }
}

/** The properties that arguments may have; a mark at those that may be missing. */
function describe(input: Schema | undefined): string {
  const { properties, required } = input?.jsonSchema ?? {};
  if (!isObject(properties)) return '';
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const names = Object.keys(properties).map((name) => (needed.includes(name) ? name : `${name}?`));
  return names.length === 0 ? '' : `{ ${names.join(', ')} }`;
}
