import { Connection, toBytes, type Exchange, type WireRequest } from './connection.js';
import { newMark, type Fuzzed } from './fixture.js';
import { toRequest, type Hostile } from './hostile-request.js';
import { post, toMessage, USERS, type User } from './messages.js';
import { assert, assertProper, messagesOf } from './rules.js';
import { assertQuiet, within } from './quiet.js';
import type { Tally } from './tally.js';

/** Connections that carry the requests of a run. */
const CONNECTIONS = 8;

/** Streams that stay open send one of these; a client that reads it disconnects. */
const STAYS = /"method":"(?:notifications\/subscriptions\/acknowledged|elicitation\/create)"/;

/** Sends requests side by side, and checks their answers and what is left of them. */
export class HostileRun {
  readonly #sessions = new Map<User, string>();
  readonly #begun = new Map<string, User>();
  readonly #marks: string[] = [];

  constructor(
    private readonly server: Fuzzed,
    private readonly tally: Tally,
    private readonly isPipelined: boolean,
  ) {}

  async run(batch: readonly Hostile[]): Promise<void> {
    await this.#begin();
    await this.#serve(batch);
    await this.#end();
  }

  async #begin(): Promise<void> {
    this.server.log.clear();
    const connection = new Connection(this.server.port);
    for (const user of USERS) {
      const initialize = toMessage('alone', 'initialize', INITIALIZE, 1);
      const exchange = await connection.send(post(user, 'alone', initialize)).over;
      const id = exchange.header('mcp-session-id');
      if (id === undefined) throw new Error(`No session: ${exchange.status} ${exchange.text}`);
      this.#sessions.set(user, id);
      this.#begun.set(id, user);
      this.tally.requests++;
    }
    connection.cut();
  }

  /** Side by side: each connection takes the next request when it has its answers. */
  async #serve(batch: readonly Hostile[]): Promise<void> {
    const queue = [...batch];
    const failures: Error[] = [];
    const worker = async () => {
      let connection = new Connection(this.server.port);
      while (queue.length > 0 && failures.length === 0) {
        const group = queue.splice(0, this.isPipelined ? 5 : 1);
        if (connection.isClosed) connection = new Connection(this.server.port);
        const sent = group.map((each) => this.#send(each, connection));
        for (const each of sent) await each.catch((error: Error) => failures.push(error));
      }
      connection.cut();
      await connection.closed;
    };
    await Promise.all(Array.from({ length: Math.min(CONNECTIONS, batch.length) }, worker));
    if (failures[0]) throw failures[0];
  }

  async #end(): Promise<void> {
    const { runs, strangers } = this.server.log;
    for (const mark of this.#marks) assert((runs.get(mark) ?? 0) <= 1, `the handler of ${mark} ran twice`);
    assert(strangers.length === 0, strangers.join());
    const connection = new Connection(this.server.port);
    for (const [session, user] of this.#begun) {
      const headers = [
        ['X-User', user],
        ['Mcp-Session-Id', session],
      ] as const;
      const { status } = await connection.send({ method: 'DELETE', headers }).over;
      assert(status === 204 || status === 404, `DELETE is answered ${status}`);
      this.tally.requests++;
    }
    connection.cut();
    await connection.closed;
    // A session may have begun behind an answer that closed the connection: its client never heard of it.
    if (this.isPipelined) await this.#forget();
    await assertQuiet(this.server);
  }

  /** Ends the sessions that are left. */
  async #forget(): Promise<void> {
    const { sessions, transport } = this.server;
    await Promise.all([...sessions.kept].map((id) => transport.session(id).close()));
  }

  async #send(spec: Hostile, shared: Connection): Promise<void> {
    const mark = newMark(spec.user);
    this.#marks.push(mark);
    const request = toRequest(spec, mark, this.#sessions.get(spec.user) ?? '');
    // A stream that may stay open would keep the answers of others waiting.
    const isAlone = spec.verb === 'GET' || /listen|ask/.test(String(request.body));
    const connection = isAlone ? new Connection(this.server.port) : shared;
    this.tally.requests++;
    const exchange = connection.send(request);
    exchange.onText = () => {
      if (!isAlone || !exchange.isSse || (spec.verb !== 'GET' && !STAYS.test(exchange.text))) return;
      exchange.hasLeft = true;
      connection.cut();
    };
    try {
      await within(
        exchange.over,
        () => `an answer to\n${toText(request)}\nAfter: ${exchange.head}\n${exchange.text}`,
      );
      this.#check(exchange, spec.user);
    } catch (error) {
      throw new Error(
        `The answer ${(error as Error).message}\n${toText(request)}\n-> ${exchange.head}\n\n${exchange.text}`,
        { cause: error },
      );
    } finally {
      if (isAlone) connection.cut();
    }
    if (exchange.header('connection') === 'close') await connection.closed;
  }

  #check(exchange: Exchange, user: User): void {
    this.tally.count(exchange);
    const session = exchange.header('mcp-session-id');
    if (session !== undefined) this.#begun.set(session, user);
    if (exchange.hasLeft) return;
    if (exchange.status === 0) {
      // The connection of an answer before it was closed, as that one said.
      return assert(this.isPipelined && exchange.connection.isClosed, 'gets no answer');
    }
    assert(exchange.isComplete, 'gets no whole answer');
    assertProper(exchange, user);
    assertAnswered(exchange);
  }
}

const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: { elicitation: {} },
  clientInfo: { name: 'fuzz', version: '1' },
};

/** Exactly one answer to each request, and none to anything else. */
function assertAnswered(exchange: Exchange): void {
  if (exchange.status !== 200 || exchange.request.method !== 'POST') return;
  const answers = messagesOf(exchange).filter((message) => !('method' in message));
  const body: unknown = JSON.parse(new TextDecoder().decode(Buffer.from(exchange.request.body as string)));
  const asked = (Array.isArray(body) ? body : [body]).filter(
    (message) => 'id' in message && 'method' in message,
  );
  const ids = (messages: any[]) =>
    messages
      .map(({ id }) => JSON.stringify(id))
      .sort()
      .join();
  assert(ids(answers) === ids(asked), 'is not the one answer to what was asked');
}

function toText(request: WireRequest): string {
  return JSON.stringify(toBytes(request).toString('latin1'));
}
