import fc from 'fast-check';
import { USERS, type User } from './messages.js';

/** Caller of a step: the owner of the session, the other caller, or the other one from a session of its own. */
export type By = 'owner' | 'other' | 'elsewhere';

/** One step of a run. Numbers choose among what there is by then; without any, nothing happens. */
export type Command =
  | { readonly kind: 'open'; readonly user: User; readonly version: string }
  | {
      readonly kind: 'call';
      readonly session: number;
      readonly tool: Tool;
      readonly by: By;
      readonly id: number | null;
    }
  | { readonly kind: 'modern'; readonly user: User; readonly tool: Tool }
  | {
      readonly kind: 'answer';
      readonly question: number;
      readonly by: By;
      readonly how: How;
      readonly times: 1 | 2;
    }
  | {
      readonly kind: 'retry';
      readonly state: number;
      readonly by: By;
      readonly how: How;
      readonly times: 1 | 2;
    }
  | { readonly kind: 'cancel'; readonly call: number; readonly by: By }
  | { readonly kind: 'listen'; readonly session: number; readonly by: By; readonly from: From }
  | { readonly kind: 'watch'; readonly session: number }
  | { readonly kind: 'subscribe'; readonly user: User }
  | { readonly kind: 'cut'; readonly exchange: number }
  | { readonly kind: 'end'; readonly session: number; readonly by: By }
  | { readonly kind: 'notify'; readonly session: number }
  | { readonly kind: 'update' };

export type Tool = 'echo' | 'count' | 'ask' | 'wait' | 'fail';
export type How = 'accept' | 'decline' | 'error' | 'garbage';
/** Where a stream is resumed: not at all, after the last event that came, an earlier one, one of another session, nonsense. */
export type From = 'now' | 'last' | 'earlier' | 'foreign' | 'garbage';

/** A step, and whether the next one waits until it has begun to be answered. */
export interface Step {
  readonly command: Command;
  readonly waits: boolean;
}

const nat = fc.nat(9);
const by = fc.constantFrom<By>('owner', 'owner', 'owner', 'other', 'elsewhere');
const tool = fc.constantFrom<Tool>('echo', 'count', 'ask', 'ask', 'wait', 'fail');
const how = fc.constantFrom<How>('accept', 'accept', 'decline', 'error', 'garbage');
const times = fc.constantFrom<1 | 2>(1, 2);
/** Mostly one of its own; else it may be that of another call. */
const chosenId = fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(3) });
const user = fc.constantFrom(...USERS);
const version = fc.constantFrom('2025-11-25', '2025-11-25', '2025-06-18', '2025-03-26');
const from = fc.constantFrom<From>('now', 'last', 'last', 'earlier', 'foreign', 'garbage');

function of<K extends Command['kind']>(
  kind: K,
  weight: number,
  model: {
    [F in Exclude<keyof Extract<Command, { kind: K }>, 'kind'>]: fc.Arbitrary<
      Extract<Command, { kind: K }>[F]
    >;
  },
) {
  const arbitrary = fc.record(
    { kind: fc.constant(kind), ...model },
    { noNullPrototype: true },
  ) as unknown as fc.Arbitrary<Command>;
  return { weight, arbitrary };
}

const command = fc.oneof(
  of('open', 3, { user, version }),
  of('call', 8, { session: nat, tool, by, id: chosenId }),
  of('modern', 5, { user, tool }),
  of('answer', 5, { question: nat, by, how, times }),
  of('retry', 5, { state: nat, by, how, times }),
  of('cancel', 2, { call: nat, by }),
  of('listen', 4, { session: nat, by, from }),
  of('watch', 1, { session: nat }),
  of('subscribe', 1, { user }),
  of('cut', 2, { exchange: nat }),
  of('end', 1, { session: nat, by }),
  of('notify', 2, { session: nat }),
  of('update', 1, {}),
);

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ command, waits: fc.boolean() }, { noNullPrototype: true }),
  {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  },
);
