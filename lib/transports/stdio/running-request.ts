import type { Call, Outbound } from '../../calls/call.js';
import {
  errorResponse,
  messageText,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from '../../protocol/json-rpc.js';
import type { McpError } from '../../protocol/mcp.error.js';
import type { McpServer } from '../../server/mcp.server.js';
import { isDroppable } from '../backlog.js';
import type { LineWriter } from './line-writer.js';

/** A request that runs, from its line to that of its answer. */
export class RunningRequest implements Outbound {
  /** Ids of the questions it has asked the client. */
  readonly questions = new Set<RequestId>();
  readonly #call: Call;
  #isOver = false;
  #answered: (text: string | undefined) => void = () => {};

  constructor(
    create: (outbound: Outbound) => Call,
    private readonly writer: LineWriter,
    /** Checks whether the client is still there to answer questions. */
    private readonly canAsk: () => boolean,
  ) {
    this.#call = create(this);
  }

  get id(): RequestId {
    return this.#call.request.id;
  }

  get sessionId(): string | undefined {
    return this.#call.session?.id;
  }

  /** Drops messages after the answer, or to a client that wants none, except for the withdrawal of a question. */
  send(message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> | boolean {
    if (this.#isOver && message.method !== 'notifications/cancelled') return false;
    if ('id' in message) {
      if (!this.canAsk()) return false;
      this.questions.add(message.id);
    }
    const text = messageText(message);
    if (isDroppable(message)) this.writer.offer(text);
    else void this.writer.send(text);
    return this.writer.drained?.then(() => true) ?? true;
  }

  /** A pipe has no streams to come back to. */
  async closeStream(): Promise<void> {}

  /**
   * Runs the handler to its end. `onAnswer` gets the answer, which may come before that; `undefined` if there is to be none.
   * Never rejects.
   */
  async run(server: McpServer, onAnswer: (text: string | undefined) => void): Promise<void> {
    this.#answered = onAnswer;
    const { text } = await server.answer(this.#call);
    this.#end(text);
  }

  /** Cancels a request that gets no answer, as its client asked. */
  cancel(reason: string): void {
    if (this.#isOver) return;
    // First, as what the cancelled handler says is not what its client waits for.
    this.#end(undefined);
    this.#call.cancellation.cancel(reason);
  }

  /** Cancels a request and answers it with an error. */
  abandon(error: McpError): void {
    if (this.#isOver) return;
    this.#end(errorResponse(this.id, error.toJSON()));
    this.#call.cancellation.cancel(error.message);
  }

  #end(text: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#answered(text);
  }
}
