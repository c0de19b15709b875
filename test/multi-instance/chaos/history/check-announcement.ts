import type { Announcement } from './history.js';

/** Changes are told to whoever listens at the time, once. */
export function* checkAnnouncement({
  client,
  uri,
  acceptedAt,
  heardAt,
  isSteady,
}: Announcement): Generator<string> {
  if (heardAt.length > 1) yield `duplicated: ${client} heard ${heardAt.length} times that ${uri} has changed`;
  if (heardAt.length === 0 && isSteady && acceptedAt !== undefined)
    yield `lost: ${client} listened and never heard that ${uri} has changed`;
}
