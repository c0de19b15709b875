import type { RequestId } from '../../protocol/json-rpc.js';
import type { McpError } from '../../protocol/mcp.error.js';
import type { Cancellation } from '../../calls/cancellation.js';
import type { Answer } from '../../server/mcp.server.js';
import type { Outbound } from '../../calls/call.js';

/** The response to one POST that holds one or more requests. */
export interface Reply extends Outbound {
  /** Announces a request that will be answered here. All are announced before the first is answered. */
  expect(id: RequestId, cancellation: Cancellation): void;

  /** Ignored for a request that was dropped or answered before. */
  answer(id: RequestId, answer: Pick<Answer, 'text' | 'status' | 'headers'>): void;

  /** Called in every keep-alive period: what is quiet for one of them begins to say that it is alive. */
  keepAlive(): void;

  /** Gives up the requests that are not answered yet, and answers them with the error. */
  abandon(error: McpError, status: number): void;
}
