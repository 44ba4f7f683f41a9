import type { Steps } from '../../../../platform/inventory/steps';
import { median } from '../deviation';
import { bucketOf, type ChartGrid, placesOfBucket, type Trace, type Visit } from './chartGrid';

/** What hosts have in common over time. */
export interface Band {
  readonly min: Trace;
  readonly median: Trace;
  readonly max: Trace;
}

/** A line of a band, and how long one of its numbers holds until the next one comes. */
export interface BandLine {
  readonly visit: Visit;
  readonly holdMs: number;
}

/**
 * The least, the middle and the greatest number of several lines in each bucket. Hosts are read at different moments, so a
 * number holds until the next one, but not over a gap, and not for longer than readings take to come.
 */
export function* bandOf(lines: readonly BandLine[], grid: ChartGrid): Steps<Band> {
  const { from, to, buckets } = grid;
  const width = (to - from) / buckets;
  const least = new Float64Array(buckets).fill(Infinity);
  const greatest = new Float64Array(buckets).fill(-Infinity);
  const last: Float64Array[] = [];
  for (const { visit, holdMs } of lines) {
    yield;
    const own = new Float64Array(buckets).fill(NaN);
    let held = NaN;
    let heldAt = -Infinity;
    let next = 0;
    const hold = (until: number) => {
      for (; next < until; next++) if (from + next * width - heldAt <= holdMs) own[next] = held;
    };
    visit((at, value) => {
      const bucket = bucketOf(grid, at);
      if (bucket < 0) {
        if (at < from) [held, heldAt] = [value, at];
        return;
      }
      hold(bucket);
      [held, heldAt, next] = [Number.isFinite(value) ? value : NaN, at, bucket + 1];
      own[bucket] = held;
      if (Number.isNaN(held)) return;
      least[bucket] = Math.min(least[bucket]!, held);
      greatest[bucket] = Math.max(greatest[bucket]!, held);
    });
    hold(buckets);
    last.push(own);
  }
  const numbers = new Float64Array(lines.length);
  const band = { min: emptyTrace(), median: emptyTrace(), max: emptyTrace() };
  let isOpen = false;
  for (let bucket = 0; bucket < buckets; bucket++) {
    yield;
    let length = 0;
    for (const own of last) if (!Number.isNaN(own[bucket]!)) numbers[length++] = own[bucket]!;
    const values = numbers.subarray(0, length).sort();
    if (length === 0 && !isOpen) continue;
    isOpen = length > 0;
    const place = bucket * placesOfBucket;
    put(band.min, place, isOpen ? Math.min(values[0]!, least[bucket]!) : null);
    put(band.median, place, isOpen ? median(values) : null);
    put(band.max, place, isOpen ? Math.max(values[length - 1]!, greatest[bucket]!) : null);
  }
  return band;
}

const emptyTrace = (): Trace => ({ places: [], values: [] });

function put({ places, values }: Trace, place: number, value: number | null): void {
  places.push(place);
  values.push(value);
}
