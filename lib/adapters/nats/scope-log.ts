import type { LogLimits, LogPosition } from '../store.js';
import { positionOf, type LogItem, type ScopeRecord } from './scope-state.js';

/** Newest entries among which a repeated append is looked for. */
const LOOKED_AT = 256;

/** Making room makes more of it than is needed, so that a full log costs little on average. */
const ROOM = 7 / 8;

/** Part of the limits that a tag keeps while others have more. */
const FAIR_SHARE = 1 / 4;

/** The entry of an earlier attempt of an append. */
export function findAppend(
  { items, tails }: ScopeRecord,
  tag: string,
  id: string,
  isRepeat: boolean,
): { readonly position: LogPosition; readonly previous: LogPosition | undefined } | undefined {
  const tail = tails.get(tag);
  const isTail = tail?.endsWith(`.${id}`) === true;
  if (!isTail && !isRepeat) return undefined;
  const item = items.findLast((each) => each.tag === tag && each.id === id);
  if (item && (isTail || items.indexOf(item) >= items.length - LOOKED_AT)) {
    return { position: positionOf(item), previous: item.previous };
  }
  return isTail ? { position: tail, previous: undefined } : undefined;
}

export function isFullFor(
  bytes: number,
  { items }: ScopeRecord,
  { maxEntries, maxBytes }: LogLimits,
): boolean {
  return items.length > 0 && (items.length >= maxEntries || sizeOf(items).bytes + bytes > maxBytes);
}

/** Sequences of the entries that have to go so that one more of this tag and size has room. */
export function roomFor(
  tag: string,
  bytes: number,
  { items, tails }: ScopeRecord,
  { maxEntries, maxBytes }: LogLimits,
): number[] {
  const size = sizeOf(items);
  const left = { entries: size.entries + 1, bytes: size.bytes + bytes };
  if (left.entries <= maxEntries && left.bytes <= maxBytes) return [];
  const byTag = new Map([[tag, { entries: 1, bytes }]]);
  for (const item of items) {
    const before = byTag.get(item.tag) ?? { entries: 0, bytes: 0 };
    byTag.set(item.tag, { entries: before.entries + 1, bytes: before.bytes + item.bytes });
  }
  const isOver = () => left.entries > maxEntries * ROOM || left.bytes > maxBytes * ROOM;
  const isTail = (item: LogItem) => item.tag !== tag && tails.get(item.tag) === positionOf(item);
  const hasMuch = (item: LogItem) => {
    const its = byTag.get(item.tag) ?? left;
    return its.entries > maxEntries * FAIR_SHARE || its.bytes > maxBytes * FAIR_SHARE;
  };
  const dropped = new Set<number>();
  for (const mayGo of [
    (item: LogItem) => !isTail(item) && hasMuch(item),
    (item: LogItem) => !isTail(item),
    () => true,
  ]) {
    for (const item of items) {
      if (!isOver()) break;
      if (dropped.has(item.seq) || !mayGo(item)) continue;
      dropped.add(item.seq);
      for (const size of [left, byTag.get(item.tag) ?? left]) {
        size.entries--;
        size.bytes -= item.bytes;
      }
    }
  }
  return [...dropped];
}

function sizeOf(items: readonly LogItem[]): { readonly entries: number; readonly bytes: number } {
  return { entries: items.length, bytes: items.reduce((sum, { bytes }) => sum + bytes, 0) };
}
