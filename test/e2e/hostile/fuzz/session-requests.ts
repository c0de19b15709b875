import type { WireRequest } from './connection.js';
import type { User } from './messages.js';
import type { How } from './session-commands.js';
import type { Session } from './world.js';

/** A POST in a session. */
export function inSession(
  { id, version }: Session,
  user: User,
  message: Record<string, unknown>,
): WireRequest {
  return {
    method: 'POST',
    headers: [
      ['Content-Type', 'application/json'],
      ['Accept', 'application/json, text/event-stream'],
      ['X-User', user],
      ['Mcp-Session-Id', id],
      ['MCP-Protocol-Version', version],
    ],
    body: JSON.stringify(message),
  };
}

/** Ends a session. */
export function deletion({ id }: Session, user: User): WireRequest {
  return {
    method: 'DELETE',
    headers: [
      ['X-User', user],
      ['Mcp-Session-Id', id],
    ],
  };
}

/** Answer of a client to a question. */
export function answerOf(how: How, say: string): { result?: object; error?: object } {
  switch (how) {
    case 'accept':
      return { result: { action: 'accept', content: { say } } };
    case 'decline':
      return { result: { action: 'decline' } };
    case 'error':
      return { error: { code: -1, message: say } };
    case 'garbage':
      return { result: { action: say, content: [say], __proto__: { action: 'accept' } } };
  }
}
