import { checkAnnouncement } from './check-announcement.js';
import { checkCall } from './check-call.js';
import { checkRuns } from './check-runs.js';
import { checkStandalone } from './check-standalone.js';
import type { LedgerLine } from '../../fixture/chaos/ledger.js';
import type { History } from './history.js';
import { Notes } from './notes.js';

/** Everything that went against the rules, a line each. */
export function check(history: History, ledger: readonly LedgerLine[]): string[] {
  const notes = new Notes(ledger);
  return [
    ...history.incidents.map(({ what }) => what),
    ...history.calls.flatMap((call) => [...checkCall(call, notes, history)]),
    ...history.standalone.flatMap((stream) => [...checkStandalone(stream, notes)]),
    ...history.announcements.flatMap((each) => [...checkAnnouncement(each)]),
    ...checkRuns(history, notes),
  ];
}
