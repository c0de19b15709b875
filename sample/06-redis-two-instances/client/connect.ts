import { Client, StreamableHTTPClientTransport, type ElicitResult } from '@modelcontextprotocol/client';
import { Line } from './line.js';
import type { Platform } from './platform.js';

/** A client that is connected. */
export interface Connected {
  readonly client: Client;
  readonly line: Line;
  /** Calls a tool and returns the text of its result. */
  call(
    name: string,
    args?: Record<string, unknown>,
    onprogress?: (progress: number) => void,
  ): Promise<string>;
}

/** Stands for a user who knows how many, or has other things to do first. */
export type Answerer = () => Promise<number>;

/** Connects a client of 2025-11-25 (`legacy`), which has a session, or of the newest revision (`auto`). */
export async function connect(
  platform: Platform,
  mode: 'legacy' | 'auto',
  answer: Answerer = async () => 1,
): Promise<Connected> {
  const line = new Line();
  const client = new Client(
    { name: 'stock-client', version: '1.0.0' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode } },
  );
  client.setRequestHandler('elicitation/create', async ({ params }): Promise<ElicitResult> => {
    console.log(`   the user is asked: ${params.message}`);
    return { action: 'accept', content: { quantity: await answer() } };
  });
  const reconnectionOptions = {
    initialReconnectionDelay: 100,
    maxReconnectionDelay: 1_000,
    reconnectionDelayGrowFactor: 1.5,
    maxRetries: 20,
  };
  const { fetch } = line;
  await client.connect(new StreamableHTTPClientTransport(platform.url, { fetch, reconnectionOptions }));
  return {
    client,
    line,
    async call(name, args = {}, onprogress) {
      const result = await client.callTool(
        { name, arguments: args },
        {
          onprogress: ({ progress }) => onprogress?.(progress),
          onresumptiontoken: (id) => (line.lastEventId = id),
        },
      );
      const [content] = result.content;
      return content?.type === 'text' ? content.text : '';
    },
  };
}
