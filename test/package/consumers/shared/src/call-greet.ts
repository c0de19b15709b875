import type { INestApplication } from '@nestjs/common';
import type { AddressInfo } from 'node:net';

/** Starts the application on a free port, calls the tool as a client without a session does, and returns its text. */
export async function callGreet(app: INestApplication): Promise<string> {
  await app.listen(0, '127.0.0.1');
  try {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        'MCP-Protocol-Version': '2025-06-18',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'greet', arguments: { name: 'Ada' } },
      }),
    });
    const answer = await response.text();
    if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${answer}`);
    return JSON.parse(answer).result.content[0].text;
  } finally {
    await app.close();
  }
}
