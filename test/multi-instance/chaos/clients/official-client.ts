import type { Call, Ending } from '../history/history.js';
import { Calls, type Plan } from './calls.js';
import type { ConnectOfficial, Official } from './official-connect.js';
import { Patience } from './patience.js';
import { pause } from './pause.js';
import { endingOf } from './read-message.js';
import type { ChaosClient, World } from './world.js';

/**
 * How long an official client waits beyond what the call takes. It may lose a call by itself: one that resumes a stream
 * twice, with nothing in between, has forgotten where it was.
 */
const GIVE_UP_MS = 25_000;

const MARK = /^\w+\/\d+$/;

/** An official client, as an application uses it. What it is not told of, such as event ids, is not looked at. */
export class OfficialChaosClient implements ChaosClient {
  readonly #calls: Calls;
  readonly #running = new Map<string, Call>();
  #client: Official | undefined;

  constructor(
    private readonly world: World,
    readonly name: string,
    private readonly era: Call['era'],
    private readonly connect: ConnectOfficial,
  ) {
    this.#calls = new Calls(world, name, era, true);
  }

  get sessionId(): string | undefined {
    return this.#client?.sessionId;
  }

  async work(): Promise<void> {
    const { random, stop, totals } = this.world;
    const client = await this.#connected();
    this.#client = client;
    if (client.sessionId !== undefined) totals.sessions++;
    while (!stop.aborted) {
      await this.#make(client, this.#calls.plan());
      await pause(random, 50, 400, stop);
    }
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  async #connected(): Promise<Official> {
    const { history, url, random } = this.world;
    const patience = new Patience(history.outages, 0);
    try {
      for (;;) {
        try {
          return await this.connect(url, this.name, {
            asked: (params) => this.#asked(params),
            logged: (params) => this.#logged(params),
          });
        } catch (error) {
          if (patience.signal.aborted) throw error;
          await pause(random, 100, 400);
        }
      }
    } finally {
      patience.end();
    }
  }

  #make(client: Official, plan: Plan): Promise<Call> {
    return this.#calls.make(plan, async (call) => {
      this.#running.set(call.mark, call);
      this.world.totals.requests++;
      try {
        const result = await client.call(
          plan.tool,
          { mark: call.mark, ...plan.args },
          {
            onprogress: ({ progress, message }) => this.#saw(String(message), progress),
            timeout: plan.takesMs + GIVE_UP_MS,
          },
        );
        return endingOf({ result });
      } catch (error) {
        return endingWith(error);
      } finally {
        this.#running.delete(call.mark);
      }
    });
  }

  #asked({ message }: { message: string }) {
    const call = this.#running.get(message);
    const token = `${message}:${call?.answers.length}`;
    call?.answers.push({ token, statuses: [] });
    this.world.totals.questionsAnswered++;
    if (call && this.era === 'modern') this.world.totals.parkedCalls++;
    return { action: 'accept' as const, content: { token } };
  }

  #logged({ data }: { data?: { mark?: string; number?: number } }): void {
    if (data?.mark !== undefined && data.number !== undefined) this.#saw(data.mark, data.number);
  }

  #saw(mark: string, number: number): void {
    this.world.totals.events++;
    // Official clients report progress of their own, too.
    if (!MARK.test(mark)) return;
    const isOwn = mark.startsWith(`${this.name}/`);
    if (!isOwn) {
      const what = `cross-delivered: ${this.name} got what is for ${mark}`;
      this.world.history.incidents.push({ at: Date.now(), what });
    }
    this.#running.get(mark)?.seen.push({ at: Date.now(), mark, number });
  }
}

/** Codes by which official clients say that they have lost their connection, or given up. */
const CONNECTION_CLOSED = -32000;
const TIMED_OUT = -32001;

function endingWith(error: unknown): Ending {
  const { code, status, message } = error as { code?: unknown; status?: unknown; message: string };
  const said = [status, code, Number(/\b([45]\d\d)\b/.exec(message)?.[1])].find(
    (each): each is number => typeof each === 'number' && each >= 400 && each < 600,
  );
  if (said === 503) return { kind: 'unavailable' };
  if (said !== undefined) return { kind: 'refused', status: said, text: message, isResume: false };
  if (code === TIMED_OUT || code === 'REQUEST_TIMEOUT') return { kind: 'given up' };
  if (typeof code === 'number' && code < 0 && code !== CONNECTION_CLOSED)
    return { kind: 'error', code, text: message };
  return { kind: 'broken' };
}
