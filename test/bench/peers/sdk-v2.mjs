/**
 * `@modelcontextprotocol/server` v2 on `node:http`, as "Serve over HTTP" in its documentation mounts it: a handler whose
 * factory makes a server for each request, behind the checks of Host and Origin. Express, which the documentation also
 * shows, would only add to it. The answer is JSON unless the tool says something first, by default.
 */
import { createServer } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler, inputRequired, McpServer } from '@modelcontextprotocol/server';
import { announce, formSchema, port, tools } from './tools.mjs';

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'bench', version: '1.0.0' });
  for (const { name, description, input, run } of tools) {
    server.registerTool(name, { description, inputSchema: input }, (args, ctx) => {
      // Its tools ask by returning what they want to know, and run again with the answer.
      if (name === 'ask') return ask(args, ctx);
      const progress = (update) =>
        ctx.mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken: ctx.mcpReq._meta?.progressToken, ...update },
        });
      return run(args, { progress });
    });
  }
  return server;
});

function ask({ q }, ctx) {
  const answer = ctx.mcpReq.inputResponses?.answer;
  if (answer) return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
  const question = inputRequired.elicit({ message: q, requestedSchema: formSchema });
  return inputRequired({ inputRequests: { answer: question } });
}

const nodeHandler = toNodeHandler(handler);
const isHostValid = localhostHostValidation();
const isOriginValid = localhostOriginValidation();
const server = createServer((request, response) => {
  if (isHostValid(request, response) && isOriginValid(request, response)) void nodeHandler(request, response);
});
server.listen(port, '127.0.0.1', () => announce(server.address().port));
