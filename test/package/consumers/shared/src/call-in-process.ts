import type { INestApplication } from '@nestjs/common';
import { createMcpTestClient, textOf } from 'nestjs-mcp-adapters/testing';

/** Calls the tool with the library's own test client, which needs no port, and returns its text. */
export async function callInProcess(app: INestApplication): Promise<string> {
  const client = await createMcpTestClient(app);
  try {
    return textOf(await client.callTool('greet', { name: 'Ada' }));
  } finally {
    await client.close();
    await app.close();
  }
}
