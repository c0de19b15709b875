import { isObject } from './json-rpc.js';
import { McpError, McpErrorCode } from './mcp.error.js';
import type { ClientCapabilities } from './types/capabilities.js';

/**
 * The client did not declare what serving its request needs. Modern clients get it as a JSON-RPC error, legacy ones
 * as a tool error.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#missingrequiredclientcapabilityerror
 * @publicApi
 */
export class McpMissingCapabilityError extends McpError {
  override readonly name = 'McpMissingCapabilityError';

  constructor(readonly requiredCapabilities: ClientCapabilities) {
    super(
      McpErrorCode.MissingRequiredClientCapability,
      `The client does not support ${describe(requiredCapabilities)}`,
      { requiredCapabilities },
    );
  }
}

function describe(capabilities: object, prefix = ''): string {
  return Object.entries(capabilities as Readonly<Record<string, unknown>>)
    .map(([name, value]) =>
      isObject(value) && Object.keys(value).length > 0 ? describe(value, `${prefix}${name}.`) : prefix + name,
    )
    .join(', ');
}
