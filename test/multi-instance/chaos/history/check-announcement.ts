import type { Announcement } from './history.js';

/** Changes are told once to each listener: to those of sessions also while they are away, as they resume their streams. */
export function* checkAnnouncement({
  client,
  uri,
  acceptedAt,
  heardAt,
  isOwed,
}: Announcement): Generator<string> {
  if (heardAt.length > 1) yield `duplicated: ${client} heard ${heardAt.length} times that ${uri} has changed`;
  if (heardAt.length === 0 && isOwed && acceptedAt !== undefined)
    yield `lost: ${client} listened and never heard that ${uri} has changed`;
}
