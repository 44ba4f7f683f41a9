import type { PointVisitor } from '../seriesStore';

/** The times that a chart shows, in as many buckets as it has pixels for. */
export interface ChartGrid {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly buckets: number;
}

/** Places of a bucket: its least number, its greatest, and the gap after them. */
export const placesOfBucket = 3;

/**
 * What is drawn of one line: values by their places in the grid, ascending. Between two places the line goes on; null is
 * where it is interrupted.
 */
export interface Trace {
  readonly places: number[];
  readonly values: (number | null)[];
}

export type Visit = (visitor: PointVisitor) => void;

/** The bucket of a time, -1 before the first and after the last. */
export function bucketOf({ from, to, buckets }: ChartGrid, at: number): number {
  if (at < from || at > to) return -1;
  return Math.min(buckets - 1, Math.floor(((at - from) / (to - from)) * buckets));
}

/** The least and the greatest number of each bucket in the order in which they came, so that no peak is lost. */
export function traceOf(visit: Visit, grid: ChartGrid): Trace {
  const places: number[] = [];
  const values: (number | null)[] = [];
  let bucket = -1;
  let least = NaN;
  let greatest = NaN;
  let isLeastFirst = true;
  /** Whether there was a gap before the numbers of the bucket, and since the first of them. */
  let isInterruptedBefore = false;
  let isInterruptedSince = false;
  const put = (place: number, value: number | null) => {
    places.push(bucket * placesOfBucket + place);
    values.push(value);
  };
  const flush = () => {
    if (bucket < 0) return;
    if (Number.isNaN(least)) return put(2, null);
    // Which is the gap after the bucket before.
    if (isInterruptedBefore && places.length > 0 && values.at(-1) !== null) put(-1, null);
    put(0, isLeastFirst ? least : greatest);
    if (least !== greatest) put(1, isLeastFirst ? greatest : least);
    if (isInterruptedSince) put(2, null);
  };
  visit((at, value) => {
    const next = bucketOf(grid, at);
    if (next < 0) return;
    if (next !== bucket) {
      flush();
      [bucket, least, greatest] = [next, NaN, NaN];
      isInterruptedBefore = isInterruptedSince = false;
    }
    const isFirst = Number.isNaN(least);
    if (!Number.isFinite(value)) {
      if (isFirst) isInterruptedBefore = true;
      else isInterruptedSince = true;
    } else if (isFirst) [least, greatest, isLeastFirst] = [value, value, true];
    else if (value < least) [least, isLeastFirst] = [value, false];
    else if (value > greatest) [greatest, isLeastFirst] = [value, true];
  });
  flush();
  return { places, values };
}
