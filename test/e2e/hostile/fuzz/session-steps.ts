import type { Exchange } from './connection.js';
import type { Fuzzed } from './fixture.js';
import { post, toMessage, type User } from './messages.js';
import { within } from './quiet.js';
import { assert, messagesOf } from './rules.js';
import type { By, Command, How } from './session-commands.js';
import { answerOf, deletion, inSession } from './session-requests.js';
import type { Call, Session, State, World } from './world.js';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

/** Whatever was begun, as far as there is something to wait for. */
type Begun = Exchange | readonly Exchange[] | undefined;

const other = (user: User): User => (user === 'alice' ? 'bob' : 'alice');

/** Steps of clients. */
export class SessionSteps {
  #nextId = 100;

  constructor(
    private readonly server: Fuzzed,
    private readonly world: World,
  ) {}

  /** Begins a step. */
  do(command: Command): Promise<Begun> | Begun {
    switch (command.kind) {
      case 'open':
        return this.#open(command);
      case 'call':
        return this.#call(command);
      case 'modern':
        return this.#modern(command.user, command.tool);
      case 'answer':
        return this.#answer(command);
      case 'retry':
        return this.#retry(command);
      case 'cancel':
        return this.#cancel(command);
      case 'listen':
        return this.#listen(command);
      case 'watch':
        return this.#watch(command);
      case 'subscribe':
        return this.#subscribe(command.user);
      case 'cut':
        return this.#cut(command.exchange);
      case 'end':
        return this.#endSession(command);
      case 'notify':
        return this.#notify(command.session);
      case 'update':
        void this.server.transport.notifyResourceUpdated('test://page');
        return undefined;
    }
  }

  async #open({ user, version }: Of<'open'>): Promise<Begun> {
    const params = {
      protocolVersion: version,
      capabilities: { elicitation: {} },
      clientInfo: { name: 'f', version: '1' },
    };
    const exchange = this.world.send(
      post(user, 'alone', toMessage('alone', 'initialize', params, 1)),
      user,
      undefined,
    );
    await within(exchange.over, () => 'initialize');
    const id = exchange.header('mcp-session-id');
    assert(exchange.status === 200 && id !== undefined, `initialize is answered ${exchange.status}`);
    this.world.sessions.push({ id, user, version, isEnded: false, isWatching: false, events: new Map() });
    return exchange;
  }

  #call({ session: at, tool, by, id: chosen }: Of<'call'>): Begun {
    const session = pick(this.world.sessions, at);
    if (!session) return undefined;
    const user = by === 'owner' ? session.user : other(session.user);
    const mark = this.world.mark(user, session);
    if (user !== session.user) this.world.forbidden.add(mark);
    const id = chosen ?? this.#nextId++;
    const message = toMessage('session', 'tools/call', { name: tool, arguments: { mark } }, id);
    const exchange = this.world.send(inSession(session, user, message), user, session);
    // Of two calls with one id, one may be refused or cancelled in the place of the other.
    const isAmbiguous = chosen !== null;
    if (by !== 'owner')
      void exchange.over.then(() => this.world.expect(exchange, [404], 'a call in a session of another'));
    else
      this.world.calls.push({
        mark,
        id,
        user,
        session,
        tool,
        exchange,
        isDisturbed: isAmbiguous || session.isEnded,
      });
    return exchange;
  }

  #modern(user: User, tool: string, mark = this.world.mark(user)): Exchange {
    const message = toMessage('modern', 'tools/call', { name: tool, arguments: { mark } }, this.#nextId++);
    const exchange = this.world.send(post(user, 'modern', message), user, mark);
    const call: Call = {
      mark,
      id: message['id'] as number,
      user,
      session: undefined,
      tool,
      exchange,
      isDisturbed: false,
    };
    this.world.calls.push(call);
    void exchange.over.then(() => this.#learn(call));
    return exchange;
  }

  /** Keeps what a modern client was told to come back with. */
  #learn(call: Call): void {
    if (!call.exchange.isComplete || call.exchange.status !== 200) return;
    const result = messagesOf(call.exchange).findLast((message) => 'result' in message)?.result;
    if (result?.resultType !== 'input_required') return;
    this.world.states.push({
      call,
      requestState: result.requestState,
      keys: Object.keys(result.inputRequests),
    });
  }

  #answer({ question: at, by, how, times }: Of<'answer'>): Begun {
    const question = pick(this.world.questions, at);
    if (!question) return undefined;
    const { session } = question;
    const user = by === 'owner' ? session.user : other(session.user);
    const own = by === 'elsewhere' ? this.world.sessions.find((each) => each.user === user) : session;
    if (!own) return undefined;
    const reply = answerOf(how, by === 'owner' ? 'own words' : 'FOREIGN');
    const sent = Array.from({ length: times }, () => {
      const message = { jsonrpc: '2.0', id: question.id, ...reply };
      return this.world.send(inSession(own, user, message), user, own);
    });
    for (const exchange of sent) {
      void exchange.over.then(({ status }) => {
        if (status === 202) question.taken++;
        const isTaken = status === 202 && (by !== 'owner' || question.taken > 1);
        if (isTaken) this.world.fail(exchange, 'takes an answer that nobody waits for');
      });
    }
    return sent;
  }

  #retry({ state: at, by, how, times }: Of<'retry'>): Begun {
    const state = pick(this.world.states, at);
    if (!state) return undefined;
    return Array.from({ length: times }, () => this.goOn(state, by, how));
  }

  /** Comes back to what a call has asked. */
  goOn({ call, requestState, keys }: State, by: By, how: How): Exchange {
    const user = by === 'owner' ? call.user : other(call.user);
    const { mark, tool } = call;
    const { result } = answerOf(how, by === 'owner' ? 'own words' : 'FOREIGN');
    const params = {
      name: tool,
      arguments: { mark },
      requestState: by === 'elsewhere' ? `${requestState.slice(0, -4)}AAAA` : requestState,
      inputResponses: Object.fromEntries(keys.map((key) => [key, result ?? how])),
    };
    const message = toMessage('modern', 'tools/call', params, this.#nextId++);
    const exchange = this.world.send(post(user, 'modern', message), user, mark);
    if (by !== 'owner') {
      void exchange.over.then(() => {
        if (!exchange.hasLeft && messagesOf(exchange)[0]?.error?.code !== -32602)
          this.world.fail(exchange, 'takes a state of another');
      });
    }
    return exchange;
  }

  #cancel({ call: at, by }: Of<'cancel'>): Begun {
    const call = pick(
      this.world.calls.filter(({ session }) => session),
      at,
    );
    if (!call?.session) return undefined;
    const user = by === 'owner' ? call.user : other(call.user);
    const own = by === 'elsewhere' ? this.world.sessions.find((each) => each.user === user) : call.session;
    if (!own) return undefined;
    if (by === 'owner') call.isDisturbed = true;
    const message = toMessage('session', 'notifications/cancelled', { requestId: call.id, reason: 'x' }, 0);
    // In a session of its own the other one may well have a call of that id.
    for (const each of this.world.calls)
      if (each.session === own && each.id === call.id) each.isDisturbed = true;
    return this.world.send(inSession(own, user, message), user, own);
  }

  #listen({ session: at, by, from }: Of<'listen'>): Begun {
    const session = pick(this.world.sessions, at);
    if (!session) return undefined;
    const user = by === 'owner' ? session.user : other(session.user);
    const ids = [...session.events.keys()];
    const foreign = this.world.sessions.find((each) => each !== session && each.events.size > 0);
    const lastEventId = {
      now: undefined,
      last: ids.at(-1),
      earlier: ids[0],
      foreign: [...(foreign?.events.keys() ?? [])].at(-1),
      garbage: 'none.1#x',
    }[from];
    const resumes = lastEventId !== undefined && by === 'owner';
    // Calls that go on here end where they were.
    if (resumes) for (const call of this.world.calls) if (call.session === session) call.isDisturbed = true;
    const exchange = this.world.send(
      {
        method: 'GET',
        headers: [
          ['Accept', 'text/event-stream'],
          ['X-User', user],
          ['Mcp-Session-Id', session.id],
          ...(lastEventId === undefined ? [] : ([['Last-Event-ID', lastEventId]] as const)),
        ],
      },
      user,
      session,
    );
    if (by !== 'owner')
      void exchange.over.then(() => this.world.expect(exchange, [404], 'a stream of another'));
    const isNone = from === 'garbage' || (from === 'foreign' && lastEventId !== undefined);
    if (isNone)
      void exchange.over.then(() => this.world.expect(exchange, [400, 404, 429], 'events of elsewhere'));
    return exchange;
  }

  #watch({ session: at }: Of<'watch'>): Begun {
    const session = pick(this.world.sessions, at);
    if (!session) return undefined;
    session.isWatching = true;
    const message = toMessage('session', 'resources/subscribe', { uri: 'test://page' }, this.#nextId++);
    return this.world.send(inSession(session, session.user, message), session.user, session);
  }

  #subscribe(user: User): Begun {
    const notifications = { resourceSubscriptions: ['test://page'], toolsListChanged: true };
    const message = toMessage('modern', 'subscriptions/listen', { notifications }, this.#nextId++);
    return this.world.send(post(user, 'modern', message), user, this.world.mark(user));
  }

  #cut(at: number): Begun {
    const open = this.world.exchanges.filter(({ isOver }) => !isOver);
    const exchange = pick(open, at);
    if (exchange) this.world.cut(exchange);
    return undefined;
  }

  #endSession({ session: at, by }: Of<'end'>): Begun {
    const session = pick(this.world.sessions, at);
    if (!session) return undefined;
    const user = by === 'owner' ? session.user : other(session.user);
    if (by === 'owner') this.endOf(session);
    const exchange = this.world.send(deletion(session, user), user, session);
    if (by !== 'owner')
      void exchange.over.then(() => this.world.expect(exchange, [404], 'the end of a session of another'));
    return exchange;
  }

  /** Whatever a session was for may have no answer from here on. */
  endOf(session: Session): void {
    session.isEnded = true;
    for (const call of this.world.calls) if (call.session === session) call.isDisturbed = true;
  }

  async #notify(at: number): Promise<Begun> {
    const session = pick(this.world.sessions, at);
    if (!session || session.isEnded) return undefined;
    const data = this.world.mark(session.user, session);
    const sending = this.server.transport
      .session(session.id)
      .notify('notifications/message', { level: 'info', data });
    await sending.catch((error: Error) => {
      if (error.name !== 'McpSessionUnavailableError') throw error;
    });
    return undefined;
  }
}

function pick<T>(all: readonly T[], at: number): T | undefined {
  return all[at % all.length];
}
