import type { Call, Ending } from '../history/history.js';
import { Patience } from './patience.js';
import type { World } from './world.js';

/** A call to be made: its tool and what the handler and the client take for it, if nothing fails. */
export interface Plan {
  readonly tool: string;
  readonly args?: object;
  readonly takesMs: number;
  /** @default a new one */
  readonly mark?: string;
}

/** The most that a client thinks about a question. */
export const HESITATION_MS = 600;

/** Makes calls and keeps how they went. */
export class Calls {
  #count = 0;

  constructor(
    private readonly world: World,
    private readonly client: string,
    private readonly era: Call['era'],
    private readonly isOfficial = false,
  ) {}

  /** `run` rejects when the signal is aborted, which means that nothing came for too long. */
  async make(
    { tool, takesMs, mark = `${this.client}/${++this.#count}` }: Plan,
    run: (call: Call, signal: AbortSignal) => Promise<Ending>,
  ): Promise<Call> {
    const { history } = this.world;
    const call: Call = {
      mark,
      client: this.client,
      tool,
      era: this.era,
      isOfficial: this.isOfficial,
      isRepeatable: this.era === 'modern' && tool === 'ask_again',
      startedAt: Date.now(),
      takesMs,
      isComplete: !this.isOfficial,
      isDoubtful: this.isOfficial,
      seen: [],
      answers: [],
      resumes: 0,
    };
    history.calls.push(call);
    const patience = new Patience(history.outages, takesMs);
    try {
      call.ending = await run(call, patience.signal);
    } catch (error) {
      if (!patience.signal.aborted) throw error;
      call.ending = { kind: 'hang' };
    } finally {
      call.endedAt = Date.now();
      patience.end();
    }
    return call;
  }

  /** A call of one of the usual tools. */
  plan(): Plan {
    const { random } = this.world;
    const tool = random.pick(['quick', 'count', 'count', 'count', 'ask', 'ask', 'ask_again']);
    if (tool === 'quick') return { tool, takesMs: 0 };
    if (tool !== 'count') return { tool, takesMs: HESITATION_MS };
    const count = random.between(2, 20);
    const paceMs = random.between(0, 120);
    return { tool, args: { count, paceMs }, takesMs: count * paceMs };
  }
}
