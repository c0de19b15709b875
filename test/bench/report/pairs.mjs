import { median } from './median.mjs';

/**
 * How many times the CPU (or, of `rates`, the requests a second) of one cell goes into that of another: they had their
 * turns side by side, so each round gives one ratio. More than 1 is better than the other.
 */
export function pairOf(own, other, key = 'cpus') {
  const rounds = Math.min(own?.[key].length ?? 0, other?.[key].length ?? 0);
  if (rounds === 0) return undefined;
  const ratios = Array.from({ length: rounds }, (_, round) =>
    key === 'cpus' ? other.cpus[round] / own.cpus[round] : own[key][round] / other[key][round],
  );
  return { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
}
