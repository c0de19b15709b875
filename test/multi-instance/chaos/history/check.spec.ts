import { describe, expect, it } from '@jest/globals';
import { Outages } from '../outages.js';
import { check } from './check.js';
import type { LedgerLine } from '../../fixture/chaos/ledger.js';
import { History, type Announcement, type Call, type Seen, type Standalone } from './history.js';

const BEGAN = 1_000_000;
const A = 11;
const B = 12;

/** A call of `count` that saw its three messages and its result, run by process A. */
function call(changes: Partial<Call> = {}): Call {
  return {
    mark: 'oak/1',
    client: 'oak',
    tool: 'count',
    era: 'legacy',
    isOfficial: false,
    isRepeatable: false,
    startedAt: BEGAN,
    takesMs: 300,
    isComplete: true,
    isDoubtful: false,
    seen: [saw(1), saw(2), saw(3)],
    answers: [],
    resumes: 0,
    ending: { kind: 'result', mark: 'oak/1' },
    endedAt: BEGAN + 400,
    ...changes,
  };
}

function saw(number: number, changes: Partial<Seen> = {}): Seen {
  return { at: BEGAN, eventId: `event ${number}`, mark: 'oak/1', number, ...changes };
}

function ran(pid: number, mark = 'oak/1', accepted = [1, 2, 3]): LedgerLine[] {
  const started = { at: BEGAN, pid, mark, what: 'started' } as const;
  return [started, ...accepted.map((number) => ({ ...started, what: 'accepted', number }) as const)];
}

function violations({ ledger = ran(A), ...changes }: Partial<History> & { ledger?: LedgerLine[] }): string[] {
  return check(Object.assign(new History(), changes), ledger);
}

/** Process A, or Redis, was away for a moment while the call ran. */
function away(part: 'store' | 'instance 0'): Outages {
  const outages = new Outages();
  outages.begin(part, part === 'store' ? undefined : A, BEGAN + 100);
  outages.end(part, BEGAN + 200);
  return outages;
}

describe('The checks of the chaos runner', () => {
  it('find nothing wrong with a call that went well', () => {
    expect(violations({ calls: [call()] })).toEqual([]);
  });

  it.each<[string, Partial<Call>, RegExp]>([
    ['a lost message', { seen: [saw(1), saw(3)] }, /^lost: .* message 2$/],
    ['a lost last message', { seen: [saw(1), saw(2)] }, /^lost: .* message 3$/],
    [
      'a message that came twice',
      { seen: [saw(1), saw(2), saw(2, { eventId: 'x' }), saw(3)] },
      /^duplicated/,
    ],
    [
      'an event that came twice',
      { seen: [saw(1), saw(2), saw(3), { at: 0, eventId: 'event 2' }] },
      /^duplicated/,
    ],
    ['messages in another order', { seen: [saw(2), saw(1), saw(3)] }, /^reordered: .* 1 after 2$/],
    ['a message nobody sent', { seen: [saw(1), saw(2), saw(3), saw(9)] }, /^invented/],
    [
      'a message for somebody else',
      { seen: [...call().seen, saw(4, { mark: 'ash/1' })] },
      /^cross-delivered/,
    ],
    ['the answer of another request', { ending: { kind: 'result', mark: 'oak/2' } }, /^cross-delivered/],
    [
      'two answers',
      { seen: [...call().seen, ...[7, 7].map((answers) => ({ at: 0, answers }))] },
      /^duplicated/,
    ],
    [
      'a wrong 404',
      { ending: { kind: 'refused', status: 404, text: 'Session not found', isResume: false } },
      /^wrong 404/,
    ],
    [
      'a stream that cannot be resumed',
      { ending: { kind: 'refused', status: 400, text: 'Last-Event-ID', isResume: true } },
      /^failed: .* could not be resumed/,
    ],
    ['no answer at all', { ending: { kind: 'hang' } }, /^hang/],
    ['an official client that gave up for no reason', { ending: { kind: 'given up' } }, /^hang/],
    ['a connection that broke for no reason', { ending: { kind: 'broken' } }, /^broken/],
    ['a 503 for no reason', { ending: { kind: 'unavailable' } }, /^failed/],
    ['an error for no reason', { ending: { kind: 'error', code: -32603, text: 'gone' } }, /^failed/],
    ['a tool that failed for no reason', { ending: { kind: 'tool error', text: 'Internal' } }, /^failed/],
    [
      'an answer that somebody else gave',
      { ending: { kind: 'result', mark: 'oak/1', heard: 'x' }, answers: [{ token: 'y', statuses: [202] }] },
      /^cross-delivered/,
    ],
    [
      'an answer that was refused and heard',
      { ending: { kind: 'result', mark: 'oak/1', heard: 'y' }, answers: [{ token: 'y', statuses: [400] }] },
      /^failed: .* refused/,
    ],
    [
      'an answer that was taken and never heard',
      { ending: { kind: 'tool error', text: 'in time' }, answers: [{ token: 'y', statuses: [202] }] },
      /^lost: .* the answer/,
    ],
  ])('find %s', (_, changes, expected) => {
    expect(violations({ calls: [call(changes)] })).toContainEqual(expect.stringMatching(expected));
  });

  it('allow an error where the instance that ran the call has gone', () => {
    const calls = [
      call({ seen: [saw(1), saw(2), saw(3)], ending: { kind: 'error', code: -32603, text: 'gone' } }),
    ];
    expect(violations({ calls, outages: away('instance 0') })).toEqual([]);
  });

  it('do not allow it where another instance has gone', () => {
    const calls = [call({ ending: { kind: 'error', code: -32603, text: 'gone' } })];
    expect(violations({ calls, outages: away('instance 0'), ledger: ran(B) })).toHaveLength(1);
  });

  it('do not excuse lost messages with an error', () => {
    const calls = [call({ seen: [saw(1)], ending: { kind: 'error', code: -32603, text: 'gone' } })];
    expect(violations({ calls, outages: away('instance 0') })).toHaveLength(2);
  });

  it('allow a tool to fail while Redis is away', () => {
    const calls = [call({ ending: { kind: 'tool error', text: 'Internal error' } })];
    expect(violations({ calls, outages: away('store') })).toEqual([]);
  });

  it('find a handler that ran twice', () => {
    const ledger = [...ran(A), ...ran(B)];
    expect(violations({ calls: [call()], ledger })).toEqual([expect.stringMatching(/^run twice/)]);
  });

  it('allow one that may to run again when its instance has gone, and not before', () => {
    const calls = [call({ isRepeatable: true })];
    const ledger = [...ran(A), ...ran(B)];
    expect(violations({ calls, ledger, outages: away('instance 0') })).toEqual([]);
    expect(violations({ calls, ledger })).toHaveLength(1);
  });

  it('allow a handler that runs again to say again what a request without an answer has brought', () => {
    const seen = [saw(1), saw(2), saw(2, { eventId: 'x' }), saw(3)];
    const repeated = { seen, isRepeatable: true };
    expect(violations({ calls: [call({ ...repeated, isDoubtful: true })] })).toEqual([]);
    expect(violations({ calls: [call(repeated)] })).toHaveLength(1);
  });

  it('allow an official client to lose its answer with an instance', () => {
    const ending = { kind: 'tool error', text: 'The client did not answer' } as const;
    const given = { ledger: ran(B), outages: away('instance 0') };
    expect(violations({ ...given, calls: [call({ ending, isOfficial: true })] })).toEqual([]);
    expect(violations({ ...given, calls: [call({ ending })] })).toHaveLength(1);
  });

  it('find what a stream of a session has lost, and where it could not be resumed', () => {
    const stream: Standalone = {
      client: 'oak',
      mark: 'oak/told',
      seen: [saw(1, { mark: 'oak/told' })],
      asked: 2,
      beganAt: 0,
      resumes: 1,
      refusals: [{ status: 404, text: 'Session not found' }],
    };
    expect(violations({ standalone: [stream], ledger: ran(A, 'oak/told', [1, 2]) })).toEqual([
      expect.stringMatching(/^lost: .* message 2/),
      expect.stringMatching(/^wrong 404/),
    ]);
  });

  it('do not miss what was sent to such a stream before it began', () => {
    const stream: Standalone = {
      client: 'oak',
      mark: 'oak/told',
      seen: [saw(3, { mark: 'oak/told' })],
      asked: 3,
      resumes: 0,
      beganAt: BEGAN,
      refusals: [],
    };
    const sentAt = [BEGAN - 500, BEGAN - 400, BEGAN + 2_000];
    const ledger = ran(A, 'oak/told').filter(({ what }) => what === 'accepted');
    expect(
      violations({ standalone: [stream], ledger: ledger.map((line, n) => ({ ...line, at: sentAt[n]! })) }),
    ).toEqual([]);
  });

  it.each<[string, Partial<Announcement>, number]>([
    ['find one that was heard twice', { heardAt: [1, 2] }, 1],
    ['find one that a listener has missed', { heardAt: [] }, 1],
    [
      'allow one to be missed by a stream that broke and cannot be resumed',
      { heardAt: [], isOwed: false },
      0,
    ],
    ['allow one to be missed that was never accepted', { heardAt: [], acceptedAt: undefined as never }, 0],
  ])('of announcements %s', (_, changes, count) => {
    const announcement: Announcement = {
      client: 'oak',
      uri: 'chaos://oak/1',
      publishedAt: BEGAN,
      acceptedAt: BEGAN,
      heardAt: [BEGAN],
      isOwed: true,
      ...changes,
    };
    expect(violations({ announcements: [announcement] })).toHaveLength(count);
  });
});

describe('The clock of a wait', () => {
  it('runs from when all is there again', () => {
    const outages = new Outages();
    outages.begin('store', undefined, 100);
    outages.end('store', 300);
    outages.begin('instance 1', B, 250);
    outages.end('instance 1', 500);
    expect(outages.waited(0, 50)).toBe(50);
    expect(outages.waited(0, 400)).toBe(0);
    expect(outages.waited(0, 700)).toBe(200);
    expect(outages.waited(600, 700)).toBe(100);
  });

  it('stands still while something is away', () => {
    const outages = new Outages();
    outages.begin('store', undefined, 100);
    expect(outages.waited(0, 5_000)).toBe(0);
  });
});
