import { isObject } from '../../protocol/json-rpc.js';
import { invalidParams, unsupportedProtocolVersion } from '../../protocol/mcp.error.js';
import { negotiate } from '../../protocol/protocol-version.js';
import { isImplementation } from '../../protocol/request-meta.js';
import { serverCapabilities } from '../capabilities.js';
import type { ServerParts } from '../server-parts.js';
import type { Method } from '../../calls/call.js';

/** @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#initialization */
export function initialize(parts: ServerParts): Method {
  return ({ era, request }) => {
    const { protocolVersion: requested, capabilities, clientInfo } = request.params ?? {};
    if (typeof requested !== 'string') throw invalidParams('protocolVersion must be a string');
    if (!isObject(capabilities)) throw invalidParams('capabilities must be an object');
    if (!isImplementation(clientInfo)) throw invalidParams('clientInfo must have a name and a version');

    const protocolVersion = negotiate(requested, parts.versions);
    if (!protocolVersion) throw unsupportedProtocolVersion(parts.versions, requested);
    return {
      protocolVersion,
      capabilities: serverCapabilities(parts, era),
      serverInfo: parts.serverInfo,
      ...(parts.instructions !== undefined && { instructions: parts.instructions }),
    };
  };
}
