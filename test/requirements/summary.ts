import { REVISIONS, type Revision } from './occurrences.js';
import { countLeftOut, everyPlace, parsePlaces } from './places.js';
import type { Requirement, Topic } from './requirement.js';

/** How much is proven, by revision. */
export function summary(topics: readonly Topic[]): string[] {
  const all = topics.flatMap(({ requirements }) => requirements);
  return [
    'Requirements for servers, and where the specification says so:',
    ...REVISIONS.map((revision) => line(revision, revision, all.filter(concerns(revision)), topics)),
    `  in all      ${counts(all)}`,
  ];
}

function line(
  name: string,
  revision: Revision,
  requirements: readonly Requirement[],
  topics: readonly Topic[],
): string {
  const places = everyPlace().filter((place) => place.revision === revision).length;
  const others = topics
    .flatMap((topic) => topic.others.flatMap(({ at }) => at.flatMap(parsePlaces)))
    .filter((place) => place.revision === revision).length;
  return (
    `  ${name}  ${counts(requirements)}; ${places} key words, ${others} of them not for servers, ` +
    `and ${countLeftOut(revision)} on pages left out`
  );
}

function counts(requirements: readonly Requirement[]): string {
  const proven = requirements.filter(({ tests }) => tests !== undefined).length;
  const total = String(requirements.length).padStart(3);
  return `${total}: ${proven} proven, ${requirements.length - proven} with a reason`;
}

function concerns(revision: Revision): (requirement: Requirement) => boolean {
  return ({ at }) => at.flatMap(parsePlaces).some((place) => place.revision === revision);
}
