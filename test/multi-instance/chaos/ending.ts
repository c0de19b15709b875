import { setTimeout as delay } from 'node:timers/promises';
import { legacy } from '../../support/http.js';
import type { ChaosClient } from './clients/world.js';
import { exchange } from './clients/exchange.js';
import type { History } from './history/history.js';
import { Notes } from './history/notes.js';
import type { Keys } from './keys.js';
import type { Ledger } from '../fixture/chaos/ledger.js';
import { LAST_SESSION_TTL_MS, OF_SESSION } from './settings.js';

/** How long whatever is under way may take when nothing breaks any more: a lost connection may be noticed by its heartbeat only. */
const PATIENCE_MS = 30_000;

/** Waits until everything that was sent to sessions has been seen, for as long as anybody should have to. */
export async function settle({ standalone }: History, ledger: Ledger): Promise<void> {
  const notes = new Notes(ledger.read());
  const isMissing = () =>
    standalone.some(({ mark, seen, beganAt }) => {
      const numbers = new Set(seen.map(({ number }) => number));
      return [...notes.accepted(mark, beganAt)].some((number) => !numbers.has(number));
    });
  await until(() => !isMissing(), PATIENCE_MS);
}

/** Ends every other session and lets the rest expire. Gives what is left behind. */
export async function leave(
  clients: readonly ChaosClient[],
  { url, lastUrl, keys }: { readonly url: string; readonly lastUrl: string; readonly keys: Keys },
): Promise<string[]> {
  await Promise.all(clients.map((client) => client.close()));
  const left: string[] = [];
  const isFree = async () => (await keys.listenedTo()).every((key) => /:(inbox|bus)$/.test(key));
  if (!(await until(isFree, PATIENCE_MS))) {
    const named = clients.map(({ sessionId }) => sessionId ?? 'none').join(', ');
    left.push(`subscriptions left: ${(await keys.listenedTo()).join(', ')}; sessions in turn: ${named}`);
  }

  const sessions = clients.flatMap(({ sessionId }) => (sessionId === undefined ? [] : [sessionId]));
  const ended = sessions.filter((_, index) => index % 2 === 0);
  const expiring = sessions.filter((_, index) => index % 2 === 1);
  for (const id of ended) left.push(...(await end(url, id)));
  for (const id of expiring) {
    const { status } = await ask(lastUrl, 'POST', id);
    if (status !== 200) left.push(`wrong ${status}: session ${id} was gone at the end`);
  }
  await delay(LAST_SESSION_TTL_MS);
  const remaining = async () =>
    [...(await keys.read()).keys()].filter((key) => {
      const [, id] = OF_SESSION.exec(key) ?? [];
      return sessions.some((each) => each === id);
    });
  await until(async () => (await remaining()).length === 0, LAST_SESSION_TTL_MS);
  left.push(...(await remaining()).map((key) => `key left after its time: ${key}`));
  return [...left, ...(await keys.problems())];
}

async function end(url: string, id: string): Promise<string[]> {
  const first = await ask(url, 'DELETE', id);
  const second = await ask(url, 'DELETE', id);
  return first.status === 204 && second.status === 404
    ? []
    : [`session ${id} was ended with ${first.status}, and then with ${second.status}`];
}

function ask(url: string, method: 'POST' | 'DELETE', id: string) {
  const headers = { accept: 'application/json, text/event-stream', 'mcp-session-id': id };
  return exchange(url, { method, headers, ...(method === 'POST' && { body: legacy('ping') }) });
}

/** Waits until the condition holds. @returns `false` if it does not in time */
async function until(condition: () => boolean | Promise<boolean>, timeMs: number): Promise<boolean> {
  const deadline = Date.now() + timeMs;
  while (!(await condition())) {
    if (Date.now() > deadline) return false;
    await delay(100);
  }
  return true;
}
