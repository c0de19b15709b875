import type { Era } from '../protocol/era.js';
import type { McpRegistry } from '../registry/mcp.registry.js';

/** Keeps the JSON of a list, one per era, until the registry changes. */
export class ListCache {
  readonly #texts = new Map<Era, string>();
  #version = -1;

  constructor(
    private readonly registry: McpRegistry,
    private readonly make: (era: Era) => object,
  ) {}

  get(era: Era): string {
    if (this.#version !== this.registry.version) {
      this.#texts.clear();
      this.#version = this.registry.version;
    }
    let text = this.#texts.get(era);
    if (text === undefined) {
      text = JSON.stringify(this.make(era));
      this.#texts.set(era, text);
    }
    return text;
  }
}
