import { ProgramClient, VERSIONS, type Version } from './client.js';
import { movesOf } from './moves.js';
import { Random } from './random.js';
import { Recorder } from './recorder.js';
import { transcribe, type Step } from './transcript.js';

/** Every program: a client of one revision that makes some moves. */
export interface Program {
  readonly title: string;
  readonly seed: number;
  readonly version: Version;
}

const PROGRAMS_PER_VERSION = 14;
const MOVES_PER_PROGRAM = 10;

export const programs: readonly Program[] = VERSIONS.flatMap((version, index) =>
  Array.from({ length: PROGRAMS_PER_VERSION }, (_, number): Program => {
    const seed = index * 1_000 + number;
    return { title: `${version} #${seed}`, seed, version };
  }),
);

/** Steps on the wire, and the reason if they ended early. */
export interface Outcome {
  readonly steps: readonly Step[];
  readonly failure?: string;
}

/** Runs a program against servers that are one to their clients. */
export async function runProgram(
  { seed, version }: Program,
  urls: readonly string[],
  keepsSessions: boolean,
): Promise<Outcome> {
  const random = new Random(seed);
  const recorder = new Recorder();
  const client = new ProgramClient(version, keepsSessions, random, recorder, urls, `p${seed}`);
  try {
    recorder.move = 'begin';
    if (!client.isModern) await client.initialize();
    const moves = movesOf(client);
    const names = shuffled(Object.keys(moves), random, (seed % 1_000) * MOVES_PER_PROGRAM);
    for (const name of names) {
      recorder.move = name;
      await moves[name]!(client);
    }
    recorder.move = 'end';
    if (client.session !== undefined) await client.send({ verb: 'DELETE', headers: client.headers() });
  } catch (error) {
    recorder.end();
    return { steps: transcribe(recorder.steps), failure: String(error) };
  }
  recorder.end();
  return { steps: transcribe(recorder.steps) };
}

/** Some moves in any order, of which every move has its turn in one program or the next. */
function shuffled(names: readonly string[], random: Random, from: number): string[] {
  const taken = Array.from(
    { length: MOVES_PER_PROGRAM },
    (_, index) => names[(from + index) % names.length]!,
  );
  for (let last = taken.length - 1; last > 0; last--) {
    const other = random.int(last + 1);
    [taken[last], taken[other]] = [taken[other]!, taken[last]!];
  }
  return taken;
}
