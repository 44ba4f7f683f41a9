/** A bucket of a histogram: how many observations were at most `bound`, those of smaller buckets included. */
export interface Bucket {
  readonly bound: number;
  readonly count: number;
}

/**
 * The value below which that share of the observations lie, as PromQL's `histogram_quantile` has it: within a bucket,
 * observations are taken to be spread evenly, and the first begins at 0. In the last bucket, which has no end, it is the
 * bound of the one before. NaN where nothing is known: no observation, no bucket `+Inf`, one bucket only.
 */
export function histogramQuantile(share: number, given: readonly Bucket[]): number {
  if (Number.isNaN(share)) return NaN;
  if (share < 0) return -Infinity;
  if (share > 1) return Infinity;
  const buckets = merged(given);
  const last = buckets.at(-1);
  if (!last || last.bound !== Infinity || buckets.length < 2) return NaN;
  if (!(last.count > 0)) return NaN;
  const rank = share * last.count;
  const at = buckets.findIndex(({ count }) => count >= rank);
  if (at < 0 || at === buckets.length - 1) return buckets.at(-2)!.bound;
  const { bound, count } = buckets[at]!;
  if (at === 0 && bound <= 0) return bound;
  const below = at === 0 ? { bound: 0, count: 0 } : buckets[at - 1]!;
  const inside = count - below.count;
  return inside === 0 ? below.bound : below.bound + (bound - below.bound) * ((rank - below.count) / inside);
}

/** In order of their bounds, equal ones added up, and never falling: scrapes of several parts are not of one moment. */
function merged(given: readonly Bucket[]): Bucket[] {
  const byBound = new Map<number, number>();
  for (const { bound, count } of given)
    if (!Number.isNaN(bound) && !Number.isNaN(count)) byBound.set(bound, (byBound.get(bound) ?? 0) + count);
  let most = 0;
  return [...byBound]
    .sort(([a], [b]) => a - b)
    .map(([bound, count]) => ({ bound, count: (most = Math.max(most, count)) }));
}
