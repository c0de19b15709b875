import type { EventId } from '../stream-event.js';

/** Where an event is: its session as it was begun, its number, its stream. */
export interface EventPosition {
  readonly generation: string;
  readonly sequence: number;
  readonly streamId: string;
}

/** The id of an event. The generation keeps ids of an earlier session of the same name apart. */
export function formatEventId(generation: string, sequence: number | string, streamId: string): EventId {
  return `${generation}.${sequence}#${streamId}`;
}

export function parseEventId(eventId: EventId): EventPosition | undefined {
  const [, generation, digits, streamId] = /^([\w-]{8})\.([1-9]\d{0,14})#(.*)$/s.exec(eventId) ?? [];
  if (generation === undefined || streamId === undefined) return undefined;
  return { generation, sequence: Number(digits), streamId };
}
