/** The middle of ascending numbers, of two the one between them; NaN without any. */
export function median(ascending: ArrayLike<number>): number {
  const { length } = ascending;
  if (length === 0) return NaN;
  const middle = length >> 1;
  const upper = ascending[middle]!;
  return length % 2 === 1 ? upper : ascending[middle - 1]! + (upper - ascending[middle - 1]!) / 2;
}

/** Fewer values say nothing about what is usual. */
export const fewestToCompare = 4;
/** From how many deviations on a value stands out. */
export const usualDeviations = 3;

/** What makes both measures of spread the standard deviation where values are spread normally. */
const ofMedian = 1.4826;
const ofMean = 1.2533;
/** Below this share of the value, a difference is one of rounding. */
const rounding = 1e-9;

/** How usual a value is among others. */
export interface Group {
  readonly median: number;
  /** How many deviations a value lies from the median, ignoring its sign; undefined where that cannot be said. */
  deviations(value: number): number | undefined;
}

/**
 * Deviations are medians of the distances from the median, which a few strange values hardly change. Where more than half
 * of the values are the same that is 0, and the mean distance takes its place.
 */
export function groupOf(values: Iterable<number>): Group {
  const ascending = Float64Array.from(values).sort();
  const middle = median(ascending);
  if (ascending.length < fewestToCompare || !Number.isFinite(middle))
    return { median: middle, deviations: () => undefined };
  const distances = ascending.map((value) => Math.abs(value - middle)).sort();
  const mad = median(distances) * ofMedian;
  const smallest = Math.abs(middle) * rounding;
  const mean = () => (distances.reduce((sum, one) => sum + one, 0) / distances.length) * ofMean;
  const scale = mad > smallest ? mad : mean();
  return {
    median: middle,
    deviations: (value) => {
      const distance = Math.abs(value - middle);
      if (distance <= smallest || distance === 0) return 0;
      return Number.isNaN(distance) ? undefined : distance / scale;
    },
  };
}
