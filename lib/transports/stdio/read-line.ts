import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import { JsonScanner } from '../streamable-http/http/json-scanner.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON of a line, or the error its sender is told; `undefined` for a line without anything. */
export type ReadLine = { readonly value: unknown } | { readonly error: McpError } | undefined;

export function lineTooLong(maxBytes: number): McpError {
  return invalidRequest(`A message may hold ${maxBytes} bytes at most`);
}

/** Parses a line, once it is known not to cost too much. */
export function readLine(bytes: Buffer): ReadLine {
  const excess = new JsonScanner().push(bytes);
  if (excess !== undefined) return { error: invalidRequest(excess) };
  try {
    const text = utf8.decode(bytes).trim();
    return text === '' ? undefined : { value: JSON.parse(text) };
  } catch {
    return { error: new McpError(McpErrorCode.ParseError, 'The line is not readable JSON') };
  }
}
