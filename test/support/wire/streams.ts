import type { Era, Message } from './messages.js';

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';
const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';

/** Order of messages on the answer to one POST. */
export class StreamRules {
  readonly #progress = new Map<unknown, number>();
  #isAcknowledged = false;

  constructor(
    private readonly requests: readonly Message[],
    private readonly era: Era,
  ) {}

  /** Faults of a notification at this place. */
  problemsOf({ method, params = {} }: Message): string[] {
    const listen = this.requests.find((request) => request['method'] === 'subscriptions/listen');
    if (this.era === 'modern' && listen) return this.#subscriptionProblems(listen, method, params);
    if (method === 'notifications/progress') return this.#progressProblems(params);
    if (this.era === 'legacy') return [];
    if (method === 'notifications/message') return this.#logProblems(params);
    return [`${method} has no place beside a request`];
  }

  #progressProblems({ progressToken, progress }: Message): string[] {
    const tokens = this.requests.map(({ params }) => params?._meta?.progressToken);
    const last = this.#progress.get(progressToken) ?? -Infinity;
    this.#progress.set(progressToken, progress);
    return [
      ...(tokens.includes(progressToken) ? [] : [`nobody gave the token ${progressToken}`]),
      ...(progress > last ? [] : [`progress ${progress} comes after ${last}`]),
    ];
  }

  #logProblems({ level }: Message): string[] {
    const wanted = this.requests.map(({ params }) => params?._meta?.[LOG_LEVEL]);
    const isWanted = wanted.some(
      (least) => LEVELS.includes(least) && LEVELS.indexOf(level) >= LEVELS.indexOf(least),
    );
    return isWanted ? [] : [`nobody asked for messages of level ${level}`];
  }

  #subscriptionProblems(
    { id, params: { notifications } }: Message,
    method: string,
    params: Message,
  ): string[] {
    const found = params['_meta']?.[SUBSCRIPTION_ID] === id ? [] : ['a subscription that is not this one'];
    if (method === 'notifications/subscriptions/acknowledged') {
      if (this.#isAcknowledged) found.push('acknowledged twice');
      this.#isAcknowledged = true;
      return found;
    }
    if (!this.#isAcknowledged) found.push('not acknowledged yet');
    if (!isWanted(method, params, notifications)) found.push(`nobody asked for ${method}`);
    return found;
  }
}

function isWanted(method: string, { uri, taskId }: Message, filter: Message): boolean {
  if (method === 'notifications/tasks') return filter['taskIds']?.includes(taskId);
  if (method === 'notifications/resources/updated') return filter['resourceSubscriptions']?.includes(uri);
  const list = /^notifications\/(tools|prompts|resources)\/list_changed$/.exec(method)?.[1];
  return list !== undefined && filter[`${list}ListChanged`] === true;
}

/** The capability that a request of a server needs and its client has not declared. */
export function undeclared({ method, params = {} }: Message, capabilities: Message): string[] {
  const { elicitation, sampling, roots } = capabilities;
  const isDeclared = {
    'roots/list': roots !== undefined,
    'sampling/createMessage': sampling && (sampling.tools || !(params.tools || params.toolChoice)),
    // Neither mode is named by clients that know forms only.
    'elicitation/create':
      elicitation && (params.mode === 'url' ? elicitation.url : elicitation.form || !elicitation.url),
    ping: true,
  }[method as string];
  return isDeclared ? [] : [`the client did not declare to answer ${method}`];
}
