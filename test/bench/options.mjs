import { parseArgs } from 'node:util';

const USAGE = `npm run bench -- [options]
  --quick               one short round of everything, for a first impression
  --only a,b            these workloads only (their results replace the earlier ones)
  --servers a,b         these servers only; memory and scaling measure all of theirs
  --rounds N            rounds, in each of which every server has its turn        [5]
  --seconds N           seconds under load, for each server and round             [2]
  --warm-up N           seconds under load before the rounds                      [2]
  --print               measure nothing, print what earlier runs have measured
  --list                name the workloads and servers`;

/** Reads the command line; throws with the usage for what it does not know. */
export function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      print: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      only: { type: 'string' },
      servers: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
    },
  });
  const number = (name, fallback, limit) => {
    const value = Number(values[name] ?? fallback);
    if (Number.isInteger(value) && value >= 1 && value <= limit) return value;
    throw new Error(`--${name} is a whole number from 1 to ${limit}\n${USAGE}`);
  };
  const { quick, print, list, only, servers } = values;
  return {
    quick,
    print,
    list,
    only: only?.split(','),
    servers: servers?.split(','),
    rounds: number('rounds', quick ? 1 : 5, 20),
    seconds: number('seconds', quick ? 1 : 2, 30),
    warmUp: number('warm-up', quick ? 1 : 2, 30),
  };
}
