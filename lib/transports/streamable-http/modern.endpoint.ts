import { checkMirroredParameters } from '../../protocol/mcp-headers.js';
import type { ConversationStrategy } from '../../conversations/conversation-strategy.js';
import { modernCall, type CallOrigin, type ModernRequest } from '../../calls/create-call.js';
import type { AskingStrategy } from '../../calls/call.js';
import type { TaskStrategy } from '../../tasks/task-strategy.js';
import type { ListenEndpoint } from './listen.endpoint.js';
import type { AdmittedRequest } from './http/http-exchange.js';
import { originOf, PostReply, type ReplyDeps } from './reply.js';

/** Dependencies of this era. */
export interface ModernServices {
  readonly asking: ConversationStrategy;
  /** Absent where no call becomes a task. */
  readonly tasks: TaskStrategy | undefined;
  /** How calls are answered: as `asking` does it, or as tasks. */
  readonly strategy: AskingStrategy;
  readonly listening: ListenEndpoint;
}

/** Serves 2026-07-28. */
export function serveModern(
  post: AdmittedRequest,
  modern: ModernRequest,
  { strategy, listening }: ModernServices,
  deps: ReplyDeps,
): Promise<void> {
  const { message } = modern;
  const { headers } = post.exchange.request;
  const create = (origin: CallOrigin) =>
    modernCall(modern, origin, strategy, ({ mirrored }) =>
      mirrored.length === 0
        ? undefined
        : checkMirroredParameters(headers, mirrored, message.params?.['arguments']),
    );
  if (message.method === 'subscriptions/listen') {
    return listening.listen(post, create(originOf(post, deps.server)));
  }
  return new PostReply(post, false, deps).serve([message], (_, origin) => create(origin));
}
