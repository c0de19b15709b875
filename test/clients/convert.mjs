/**
 * `node convert.mjs <url>`: lists the tools of a server, and prints what the SDKs of model vendors make of each for their
 * models, as JSON: `{ name, listed, gemini, openai, openaiStrict }`, a line each.
 */
import { mcpToTool } from '@google/genai';
import { getAllMcpTools, MCPServerStreamableHttp } from '@openai/agents';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [url] = process.argv.slice(2);
const client = new Client({ name: 'test', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
const { tools } = await client.listTools();
const { functionDeclarations } = await mcpToTool(client).tool();

const server = new MCPServerStreamableHttp({ url, name: 'test' });
await server.connect();
const openai = await getAllMcpTools({ mcpServers: [server], convertSchemasToStrict: false });
const strict = await getAllMcpTools({ mcpServers: [server], convertSchemasToStrict: true });

const named = (list, name) => list.find((tool) => tool.name === name);
for (const { name, description, inputSchema } of tools) {
  const gemini = named(functionDeclarations, name);
  console.log(
    JSON.stringify({
      name,
      listed: { description, schema: inputSchema },
      gemini: { description: gemini?.description, schema: gemini?.parametersJsonSchema },
      openai: { description: named(openai, name)?.description, schema: named(openai, name)?.parameters },
      openaiStrict: {
        description: named(strict, name)?.description,
        schema: named(strict, name)?.parameters,
      },
    }),
  );
}
await server.close();
await client.close();
process.exit(0);
