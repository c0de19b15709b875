/**
 * View of a client of two instances. Needs the sample to run: `npm start 10-postgres`, then in another terminal
 * `npm start 10-postgres client`. `MCP_URLS` names other addresses than the usual ones, with a comma between them.
 */
import { Client, StreamableHTTPClientTransport, type ElicitResult } from '@modelcontextprotocol/client';

const urls = (process.env['MCP_URLS'] ?? 'http://127.0.0.1:3000/mcp,http://127.0.0.1:3001/mcp').split(',');
const night = new Date().toISOString().slice(0, 10);

/** Where the newest call went, and where the newest answer to a question did. */
const wentTo = { call: 0, answer: 0 };

/** Sends each call to the next instance, and an answer to another instance than the one that asks. */
const spread = async (_url: string | URL, init: RequestInit = {}): Promise<Response> => {
  const body = typeof init.body === 'string' ? init.body : '';
  const first = body.includes('"tools/call"') || body.includes('"result"') ? wentTo.call + 1 : wentTo.call;
  for (let index = first; ; index++) {
    const instance = index % urls.length;
    if (body.includes('"tools/call"')) wentTo.call = instance;
    if (body.includes('"result"')) wentTo.answer = instance;
    try {
      return await fetch(urls[instance] ?? '', init);
    } catch (error) {
      // While an instance dies only calls are made that change nothing, so they may be sent twice.
      if (init.signal?.aborted || index === first + urls.length) throw error;
    }
  }
};

const client = new Client(
  { name: 'stock-client', version: '1.0.0' },
  { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'legacy' } },
);
client.setRequestHandler('elicitation/create', async ({ params }): Promise<ElicitResult> => {
  console.log(`   instance ${wentTo.call + 1} asks: ${params.message}`);
  return { action: 'accept', content: { guest: 'Ada' } };
});
await client.connect(new StreamableHTTPClientTransport(new URL(urls[0] ?? ''), { fetch: spread }));

console.log('1. A question that is answered at another instance');
const booked = await call('book_room', { room: 2, night });
console.log(`   instance ${wentTo.answer + 1} got the answer: ${booked}`);

console.log('2. A session that moves between instances');
for (let times = 1; times <= 2; times++) {
  const mine = await call('my_bookings');
  console.log(`   instance ${wentTo.call + 1} knows the session: ${mine}`);
}
for (let times = 1; times <= 2; times++) {
  const free = await call('free_rooms', { night });
  console.log(`   instance ${wentTo.call + 1} looks into the tables: ${free}`);
}

console.log('3. An instance that dies');
const { pid } = (await (await fetch(new URL('/health/ready', urls[0]))).json()) as { pid: number };
process.kill(pid, 'SIGKILL');
console.log('   instance 1 is killed');
for (let times = 1; times <= 2; times++) {
  const mine = await call('my_bookings');
  console.log(`   instance ${wentTo.call + 1} goes on with the session: ${mine}`);
}
await client.close();

async function call(name: string, args: Record<string, unknown> = {}): Promise<string> {
  const { content } = await client.callTool({ name, arguments: args });
  const [first] = content;
  return first?.type === 'text' ? first.text : '';
}
