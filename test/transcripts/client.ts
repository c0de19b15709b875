import type { Random } from './random.js';
import type { Live, Received, Recorder, Sent } from './recorder.js';

export const MODERN = '2026-07-28';
export const VERSIONS = ['2025-03-26', '2025-06-18', '2025-11-25', MODERN] as const;
export type Version = (typeof VERSIONS)[number];

export const ALL_CAPABILITIES = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {} },
  roots: { listChanged: true },
};

export const USUAL_ACCEPT = 'application/json, text/event-stream';
const META = 'io.modelcontextprotocol';

/** Parameters of every request of the modern revision. */
const USUAL_META = {
  [`${META}/protocolVersion`]: MODERN,
  [`${META}/clientInfo`]: { name: 'test', version: '1.0.0' },
  [`${META}/clientCapabilities`]: ALL_CAPABILITIES,
};

/** True if a request carries no other parameters than every request. */
export function isUsualMeta(meta: unknown): boolean {
  return JSON.stringify(meta) === JSON.stringify(USUAL_META);
}

/** Deviations of a request from a proper one. */
export interface RequestOptions {
  readonly id?: string | number;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly capabilities?: object;
  /** Replaces headers; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** The client whose requests a program makes: it knows its revision, its session and the servers it may reach. */
export class ProgramClient {
  session: string | undefined;
  capabilities: object = ALL_CAPABILITIES;
  #instance: number | undefined;
  #nextId = 1;
  #nextKey = 1;

  constructor(
    readonly version: Version,
    readonly keepsSessions: boolean,
    readonly random: Random,
    readonly recorder: Recorder,
    private readonly urls: readonly string[],
    private readonly prefix: string,
  ) {}

  get isModern(): boolean {
    return this.version === MODERN;
  }

  /** A name used once. */
  key(): string {
    return `${this.prefix}-${this.#nextKey++}`;
  }

  id(): string | number {
    const id = this.#nextId++;
    return this.random.chance(25) ? `call-${id}` : id;
  }

  /** A request as this revision has it, which may be sent changed. */
  request(method: string, params: Readonly<Record<string, any>> = {}, options: RequestOptions = {}): Sent {
    const { id = this.id(), meta = {}, capabilities = this.capabilities, headers = {} } = options;
    if (!this.isModern) {
      const all = Object.keys(meta).length > 0 ? { ...params, _meta: meta } : params;
      const hasParams = Object.keys(all).length > 0;
      return {
        headers: without({ ...this.headers(), ...headers }),
        body: { jsonrpc: '2.0', id, method, ...(hasParams && { params: all }) },
      };
    }
    const name = params['name'] ?? params['uri'];
    const _meta = { ...USUAL_META, [`${META}/clientCapabilities`]: capabilities, ...meta };
    return {
      headers: without({
        ...this.headers(),
        'mcp-method': method,
        ...(typeof name === 'string' && { 'mcp-name': name }),
        ...headers,
      }),
      body: { jsonrpc: '2.0', id, method, params: { ...params, _meta } },
    };
  }

  ask(...request: Parameters<ProgramClient['request']>): Promise<Received> {
    return this.send(this.request(...request));
  }

  call(name: string, args: object = {}, options: RequestOptions = {}): Promise<Received> {
    return this.ask('tools/call', { name, arguments: args }, options);
  }

  notify(method: string, params?: object): Promise<Received> {
    return this.send({
      headers: { ...this.headers(), ...(this.isModern && { 'mcp-method': method }) },
      body: { jsonrpc: '2.0', method, ...(params && { params }) },
    });
  }

  send(sent: Sent): Promise<Received> {
    return this.recorder.send(this.#url(), sent);
  }

  begin(...request: Parameters<ProgramClient['request']>): Live {
    return this.recorder.begin(this.#url(), this.request(...request));
  }

  /** Opens the stream of a session, or goes on with one. */
  async listen(lastEventId?: string): Promise<Live> {
    const headers = {
      ...this.headers(),
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const live = this.recorder.begin(this.#url(), { verb: 'GET', headers });
    await live.opened();
    return live;
  }

  /** Begins a session, where the server keeps them. */
  async initialize(): Promise<void> {
    this.session = undefined;
    const clientInfo = { name: 'test', version: '1.0.0' };
    const { capabilities, version: protocolVersion } = this;
    const sent = this.request('initialize', { protocolVersion, capabilities, clientInfo });
    const { headers } = await this.send({ ...sent, headers: { accept: USUAL_ACCEPT } });
    this.session = headers['mcp-session-id'];
    await this.notify('notifications/initialized');
  }

  headers(): Record<string, string> {
    return {
      accept: USUAL_ACCEPT,
      ...(this.version !== '2025-03-26' && { 'mcp-protocol-version': this.version }),
      ...(this.session !== undefined && { 'mcp-session-id': this.session }),
    };
  }

  /** Has one instance answer all that is sent meanwhile. */
  async atOneInstance(work: () => Promise<void>): Promise<void> {
    this.#instance = this.random.int(2);
    await work();
    this.#instance = undefined;
  }

  /** Any instance. */
  #url(): string {
    const choice = this.#instance ?? this.random.int(2);
    return this.urls[choice % this.urls.length]!;
  }
}

/** The message that answers, of an answer that is read whole. */
export function messageOf({ text, events }: Received): any {
  const last = events.findLast(({ data }) => data !== '')?.data ?? text;
  try {
    return JSON.parse(last);
  } catch {
    return undefined;
  }
}

function without(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
