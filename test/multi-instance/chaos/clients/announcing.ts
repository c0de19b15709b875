import type { Announcement, Call } from '../history/history.js';
import { pause } from './pause.js';
import type { World } from './world.js';

/** How long to wait for what was published; outages add to it. */
const HEARING_MS = 10_000;

/** A stream on which changes are heard. */
export interface Listening {
  /**
   * Name of all connections that can miss nothing together: those of a stream that is resumed, or the one of a stream that
   * cannot be. `undefined` while what is announced may be missed.
   */
  readonly unbroken: number | undefined;
}

/** Publishes, and waits until it was heard, the stream began anew or there was more than enough time. */
export async function watchHearing(
  announcement: Announcement,
  stream: Listening,
  { random, history }: World,
  publish: () => Promise<Call>,
): Promise<void> {
  const before = stream.unbroken;
  const call = await publish();
  if (call.ending?.kind === 'result') announcement.acceptedAt = Date.now();
  const from = Date.now();
  while (
    announcement.acceptedAt !== undefined &&
    announcement.heardAt.length === 0 &&
    before !== undefined &&
    stream.unbroken === before &&
    history.outages.waited(from, Date.now()) < HEARING_MS
  ) {
    await pause(random, 20, 50);
  }
  announcement.isOwed = before !== undefined && stream.unbroken === before;
}
