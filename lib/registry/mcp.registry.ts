import type { ToolEntry } from './entries.js';

/** What one server offers. Only stores and answers; validation and announcing happen elsewhere. */
export class McpRegistry {
  readonly #tools = new Map<string, ToolEntry>();
  #version = 0;

  /** Rises with every change, so that whatever was made from the entries can tell it is stale. */
  get version(): number {
    return this.#version;
  }

  get tools(): Iterable<ToolEntry> {
    return this.#tools.values();
  }

  get toolCount(): number {
    return this.#tools.size;
  }

  tool(name: string): ToolEntry | undefined {
    return this.#tools.get(name);
  }

  /** Adds a tool; `false` when the name is taken. */
  addTool(entry: ToolEntry): boolean {
    if (this.#tools.has(entry.tool.name)) return false;
    this.#tools.set(entry.tool.name, entry);
    this.#version++;
    return true;
  }
}
