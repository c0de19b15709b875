import type { ClientCapabilities } from '../../protocol/types/capabilities.js';
import type { ProtocolVersion } from '../../protocol/protocol-version.js';
import type { CreateMessageParams } from '../../protocol/types/sampling.js';
import type { ElicitQuestion, McpTestClientOptions } from './mcp-test-client-options.interface.js';

/**
 * Question that the server has asked the client.
 *
 * @publicApi
 */
export interface McpQuestion {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params: Readonly<Record<string, unknown>>;
}

type Answerers = Pick<McpTestClientOptions, 'onElicit' | 'onSample' | 'onRoots'>;

/** Answers what a server asks, and remembers what that was. */
export class ClientAnswers {
  readonly questions: McpQuestion[] = [];

  /** `onQuestion` is called before each is answered. */
  constructor(
    private readonly answerers: Answerers,
    private readonly onQuestion: () => void,
  ) {}

  /** Capabilities that a client with these answers declares in a revision. */
  capabilities(version: ProtocolVersion): ClientCapabilities {
    const { onElicit, onSample, onRoots } = this.answerers;
    // Before 2025-11-25 there were forms only, and models without tools.
    const isRecent = version >= '2025-11-25';
    return {
      ...(onElicit && version >= '2025-06-18' && { elicitation: isRecent ? { form: {}, url: {} } : {} }),
      ...(onSample && { sampling: isRecent ? { tools: {} } : {} }),
      ...(onRoots && { roots: {} }),
    };
  }

  async answer(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<object> {
    if (method === 'ping') return {};
    this.questions.push({ method: method as McpQuestion['method'], params });
    this.onQuestion();
    const { onElicit, onSample, onRoots } = this.answerers;
    switch (method) {
      case 'elicitation/create':
        if (onElicit) return onElicit(params as unknown as ElicitQuestion);
        break;
      case 'sampling/createMessage':
        if (onSample) return onSample(params as unknown as CreateMessageParams);
        break;
      case 'roots/list':
        if (onRoots) return { roots: await onRoots() };
        break;
    }
    throw new Error(`The server asked for ${method}, which this client has not declared`);
  }
}
