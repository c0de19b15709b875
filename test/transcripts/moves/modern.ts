import { messageOf, type ProgramClient } from '../client.js';
import type { Moves } from '../moves.js';
import type { Received } from '../recorder.js';
import { answerTo, inOrder, stepsFor, UNANSWERED_MS } from './answers.js';

const META = 'io.modelcontextprotocol';
const LISTEN = 'subscriptions/listen';
const isAcknowledged = ({ method }: any) => method === 'notifications/subscriptions/acknowledged';

/** Requests of 2026-07-28: parked where the server keeps questions, replayed where it does not. */
export const modernMoves: Moves = {
  async discover(client) {
    await client.ask('server/discover');
  },

  async converse(client) {
    const name = client.random.pick(['ask', 'ask_repeatable']);
    const steps = stepsFor(client.version, client.random);
    await converse(client, 'tools/call', { name, arguments: { steps } });
  },

  async 'converse in a prompt or resource'(client) {
    const [method, params] = client.random.pick<[string, Record<string, unknown>]>([
      ['prompts/get', { name: 'interview' }],
      ['resources/read', { uri: 'note://asking' }],
    ]);
    await converse(client, method, params);
  },

  async 'answer in part'(client) {
    const params = { name: 'ask', arguments: { steps: ['both'] } };
    const asked = resultOf(await client.ask('tools/call', params));
    const [first = '', ...rest] = keysOf(asked);
    const answers = answersTo(client, asked);
    const partly = { [first]: answers[first] };
    const { requestState } = asked;
    const again = resultOf(
      await client.ask('tools/call', { ...params, requestState, inputResponses: partly }),
    );
    const others = Object.fromEntries(rest.map((key) => [key, answers[key]]));
    const inputResponses = { ...partly, ...others };
    const next = again.requestState ?? requestState;
    await client.ask('tools/call', { ...params, requestState: next, inputResponses });
  },

  async 'continue what is not there'(client) {
    const params = { name: 'ask', arguments: { steps: ['sample', 'roots'] } };
    const asked = resultOf(await client.ask('tools/call', params));
    const inputResponses = answersTo(client, asked);
    const { requestState } = asked;
    await client.ask(
      'tools/call',
      client.random.pick<Record<string, unknown>>([
        { ...params, inputResponses, requestState: 'made up' },
        { ...params, inputResponses },
        { ...params, inputResponses: 5, requestState },
        { ...params, name: 'ask_repeatable', inputResponses, requestState },
        { ...params, arguments: { steps: ['roots'] }, inputResponses, requestState },
        { ...params, inputResponses: { other: {} }, requestState },
      ]),
    );
    await client.ask('tools/call', { ...params, inputResponses, requestState });
  },

  async 'answer twice'(client) {
    const params = { name: client.random.pick(['ask', 'ask_repeatable']), arguments: { steps: ['roots'] } };
    const asked = resultOf(await client.ask('tools/call', params));
    const { requestState } = asked;
    const inputResponses = answersTo(client, asked);
    for (const _ of [1, 2]) await client.ask('tools/call', { ...params, requestState, inputResponses });
  },

  async 'answer too late'(client) {
    const key = client.key();
    const params = { name: 'ask', arguments: { steps: ['roots'], key, timeoutMs: UNANSWERED_MS } };
    const asked = resultOf(await client.ask('tools/call', params));
    if (client.keepsSessions) await client.call('ended', { key });
    const { requestState } = asked;
    await client.ask('tools/call', { ...params, requestState, inputResponses: answersTo(client, asked) });
  },

  async 'ask who cannot be'(client) {
    const steps = [client.random.pick(['elicit', 'sample', 'roots', 'url'])];
    const capabilities = client.random.pick([{}, { elicitation: { form: {} } }]);
    await client.call('ask', { steps }, { capabilities });
  },

  async 'cancel by going away'(client) {
    const key = client.key();
    const meta = { progressToken: key };
    const held = client.begin('tools/call', { name: 'hold', arguments: { key } }, { meta });
    await held.message(({ method }) => method === 'notifications/progress');
    held.cut();
    await client.call('ended', { key });
  },

  async subscribe(client) {
    const uri = client.random.pick(['note://open', 'note://by-id/7']);
    const notifications = client.random.pick<object>([
      { resourceSubscriptions: [uri] },
      { resourceSubscriptions: [uri], toolsListChanged: true, unknown: true },
      { resourceSubscriptions: [uri, 'note://by-id/8'], promptsListChanged: false },
    ]);
    const listening = client.begin(LISTEN, { notifications });
    await listening.message(isAcknowledged);
    await client.call('touch', { uri: 'note://elsewhere' });
    await client.call('touch', { uri });
    await listening.message(({ method }) => method === 'notifications/resources/updated');
    listening.cut();
  },

  async 'hear of new tools'(client) {
    const name = client.key();
    const listening = client.begin(LISTEN, { notifications: { toolsListChanged: true } });
    await listening.message(isAcknowledged);
    const heard = (count: number) => listening.until(() => listening.messages.length > count);
    // Each instance has tools of its own.
    await client.atOneInstance(async () => {
      await client.call('add', { name });
      await heard(1);
      await client.call(name);
      await client.call('remove', { name });
      await heard(2);
    });
    listening.cut();
  },

  async 'subscribe to nothing'(client) {
    const notifications = client.random.pick<unknown>([
      undefined,
      5,
      { resourceSubscriptions: 'note://open' },
    ]);
    await client.ask(LISTEN, notifications === undefined ? {} : { notifications });
  },

  async 'wrong headers'(client) {
    const headers = client.random.pick([
      { 'mcp-method': undefined },
      { 'mcp-method': 'tools/list' },
      { 'mcp-name': undefined },
      { 'mcp-name': 'sum' },
      { 'mcp-name': '=?base64?ZWNobw==?=' },
      { 'mcp-protocol-version': undefined },
      { 'mcp-protocol-version': '2025-11-25' },
      { 'mcp-session-id': 'nobody' },
    ]);
    await client.call('echo', { text: 'x' }, { headers });
  },

  async 'wrong envelope'(client) {
    const meta = client.random.pick([
      { [`${META}/protocolVersion`]: '2025-11-25' },
      { [`${META}/protocolVersion`]: undefined },
      { [`${META}/clientCapabilities`]: undefined },
      { [`${META}/clientCapabilities`]: 'all' },
      { [`${META}/clientInfo`]: 5 },
      { [`${META}/logLevel`]: 'loud' },
      { progressToken: {} },
    ]);
    await client.call('echo', { text: 'x' }, { meta });
  },

  async 'a method of an older revision'(client) {
    const method = client.random.pick(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe']);
    await client.ask(method, { uri: 'note://open', level: 'debug' });
  },

  async 'a batch'(client) {
    const { headers, body } = client.request('tools/list');
    await client.send({ headers: headers!, body: [body, body] });
  },

  async 'GET or DELETE'(client) {
    await client.send({ verb: client.random.pick(['GET', 'DELETE']), headers: client.headers() });
  },

  async 'cancel by a notification'(client) {
    await client.notify('notifications/cancelled', { requestId: 'nobody' });
  },
};

/** Sends a request until nothing more is asked. */
async function converse(
  client: ProgramClient,
  method: string,
  params: Record<string, unknown>,
): Promise<void> {
  let continuation = {};
  for (let round = 0; round < 8; round++) {
    const meta = client.random.chance(60)
      ? { progressToken: client.key(), [`${META}/logLevel`]: 'info' }
      : {};
    const asked = resultOf(await client.ask(method, { ...params, ...continuation }, { meta }));
    if (asked.resultType !== 'input_required') return;
    const { requestState } = asked;
    continuation = { ...(requestState && { requestState }), inputResponses: answersTo(client, asked) };
  }
}

/** Answers to all that was asked. */
function answersTo(client: ProgramClient, { inputRequests = {} }: any): Record<string, unknown> {
  const questions = inOrder(
    Object.entries<any>(inputRequests).map(([key, { method }]) => ({ key, method: method as string })),
  );
  return Object.fromEntries(
    questions.map(({ key, method }) => {
      const said = answerTo(method, client.random);
      // An error has no place in this revision: who cannot answer says so in the result, or does not come back.
      return [key, 'result' in said ? said.result : { action: 'cancel' }];
    }),
  );
}

function keysOf({ inputRequests = {} }: any): string[] {
  return inOrder(
    Object.entries<any>(inputRequests).map(([key, { method }]) => ({ key, method: method as string })),
  ).map(({ key }) => key);
}

function resultOf(answer: Received): any {
  return messageOf(answer)?.result ?? {};
}
