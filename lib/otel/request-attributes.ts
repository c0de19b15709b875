import type { Attributes } from '@opentelemetry/api';
import type { ObservedRequest } from '../telemetry/instrumentation.js';

/** The primitive that a request is about, where its name is of low cardinality. */
interface Target {
  readonly attribute: 'gen_ai.tool.name' | 'gen_ai.prompt.name';
  readonly name: string;
}

const TARGETS: Readonly<Record<string, Target['attribute']>> = {
  'tools/call': 'gen_ai.tool.name',
  'prompts/get': 'gen_ai.prompt.name',
};

/** Longest text of a client that becomes part of a span. */
const MAX_LENGTH = 256;

export function targetOf({ method, params }: ObservedRequest): Target | undefined {
  const attribute = Object.hasOwn(TARGETS, method) ? TARGETS[method] : undefined;
  const name = params?.['name'];
  return attribute && typeof name === 'string' ? { attribute, name: name.slice(0, MAX_LENGTH) } : undefined;
}

/** Attributes from the request message itself. */
export function requestAttributes(request: ObservedRequest): Attributes {
  const { method, id, params, protocolVersion, sessionId } = request;
  const target = targetOf(request);
  const uri = params?.['uri'];
  return {
    'mcp.method.name': method,
    'mcp.protocol.version': protocolVersion,
    'jsonrpc.request.id': String(id).slice(0, MAX_LENGTH),
    ...(sessionId !== undefined && { 'mcp.session.id': sessionId }),
    ...(target && { [target.attribute]: target.name }),
    ...(method === 'tools/call' && { 'gen_ai.operation.name': 'execute_tool' }),
    ...(method.startsWith('resources/') &&
      typeof uri === 'string' && { 'mcp.resource.uri': uri.slice(0, MAX_LENGTH * 4) }),
  };
}

/** The parts of a request of Express, Fastify or Node that tell where it came from. */
interface HttpRequest {
  readonly ip?: unknown;
  readonly raw?: HttpRequest;
  readonly httpVersion?: unknown;
  readonly socket?: { readonly remoteAddress?: unknown; readonly remotePort?: unknown } | null;
}

/** Where a request came from. */
export function peerAttributes({ transport, http }: ObservedRequest): Attributes {
  if (transport === 'pipe' || typeof http !== 'object' || http === null) {
    return { 'network.transport': transport };
  }
  const request = http as HttpRequest;
  const { httpVersion, socket } = request.raw ?? request;
  // The platform knows which proxies are trusted.
  const address = request.ip ?? socket?.remoteAddress;
  const isDirect = address === socket?.remoteAddress;
  return {
    'network.transport': transport,
    'network.protocol.name': 'http',
    ...(typeof httpVersion === 'string' && { 'network.protocol.version': httpVersion }),
    ...(typeof address === 'string' && { 'client.address': address }),
    ...(isDirect && typeof socket?.remotePort === 'number' && { 'client.port': socket.remotePort }),
  };
}
