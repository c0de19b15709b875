import type { Announcement, Call } from '../history/history.js';
import { pause } from './pause.js';
import type { World } from './world.js';

/** How long to wait for what was published; outages add to it. */
const HEARING_MS = 5_000;

/** A stream on which changes are heard, and which of its connections is there now. */
export interface Listening {
  readonly connection: number | undefined;
}

/** Publishes, and waits until it was heard, the stream broke or there was more than enough time. */
export async function watchSteadiness(
  announcement: Announcement,
  stream: Listening,
  { random, history }: World,
  publish: () => Promise<Call>,
): Promise<void> {
  const before = stream.connection;
  const call = await publish();
  if (call.ending?.kind === 'result') announcement.acceptedAt = Date.now();
  const from = Date.now();
  while (
    announcement.heardAt.length === 0 &&
    before !== undefined &&
    stream.connection === before &&
    history.outages.waited(from, Date.now()) < HEARING_MS
  ) {
    await pause(random, 20, 50);
  }
  announcement.isSteady = before !== undefined && stream.connection === before;
}
