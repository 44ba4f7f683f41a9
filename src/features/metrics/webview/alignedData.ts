import type { AlignedData } from 'uplot';
import type { DrawnTrace, MetricsFrame } from '../protocol/metricsPanel';

/** Places of a bucket, as the editor counts them. */
const placesOfBucket = 3;

/** Columns of one length, times in seconds first. A place that a line has nothing at is undefined, a gap is null. */
export function alignedData(
  { from, to, buckets }: Pick<MetricsFrame, 'from' | 'to' | 'buckets'>,
  traces: readonly DrawnTrace[],
): AlignedData {
  const used = [...new Set(traces.flatMap(({ places }) => places))].sort((a, b) => a - b);
  const step = (to - from) / (buckets * placesOfBucket);
  const columnOf = new Map(used.map((place, index) => [place, index]));
  const columns = traces.map(({ places, values }) => {
    const column = new Array<number | null | undefined>(used.length).fill(undefined);
    places.forEach((place, index) => (column[columnOf.get(place)!] = values[index]!));
    return column;
  });
  return [used.map((place) => (from + place * step) / 1000), ...columns];
}
