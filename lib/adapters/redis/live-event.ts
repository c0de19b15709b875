/** An event as it was published on the channel of its stream. */
export interface LiveEvent {
  readonly generation: string;
  /** Number of the event before it on its stream; 0 if it is the first one known. */
  readonly previous: number;
  readonly sequence: number;
  /** As it is in the log; empty if it is too long to be published itself. */
  readonly stored: string;
}

/** Reads what the script that appends has published; `undefined` for what a newer version has. */
export function parseLiveEvent(text: string): LiveEvent | undefined {
  const [head, generation, previous, sequence] = /^1 (\S+) (\d+) (\d+) /.exec(text) ?? [];
  if (head === undefined || generation === undefined) return undefined;
  return {
    generation,
    previous: Number(previous),
    sequence: Number(sequence),
    stored: text.slice(head.length),
  };
}
