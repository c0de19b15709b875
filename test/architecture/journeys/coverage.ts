import { Session, type Profiler } from 'node:inspector/promises';

/** Files of lib/ in which a function ran, and how many different functions did. */
export interface Walked {
  readonly files: readonly string[];
  readonly functions: number;
}

const LIB = new URL('../../../lib/', import.meta.url).href;

/** Counts what runs in lib/, by V8's own counters. */
export class Coverage {
  readonly #session = new Session();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /** Functions that ran during `work`. Code that only loads a module is no function. */
  async of(work: () => Promise<unknown>): Promise<Walked> {
    // Taking the counters sets them back.
    await this.#session.post('Profiler.takePreciseCoverage');
    await work();
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const walked = result
      .filter(({ url }) => url.startsWith(LIB))
      .map(({ url, functions }) => ({ file: url.slice(LIB.length), count: functions.filter(hasRun).length }))
      .filter(({ count }) => count > 0);
    return {
      files: walked.map(({ file }) => file).sort(),
      functions: walked.reduce((sum, { count }) => sum + count, 0),
    };
  }
}

function hasRun({ functionName, ranges: [range] }: Profiler.FunctionCoverage): boolean {
  const isModule = functionName === '' && range?.startOffset === 0;
  return !isModule && (range?.count ?? 0) > 0;
}
