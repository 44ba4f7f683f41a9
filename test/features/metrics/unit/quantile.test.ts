import { expect, test } from 'vitest';
import { histogramQuantile } from '../../../../src/features/metrics/core/quantile';

const buckets = (...pairs: [number, number][]) => pairs.map(([bound, count]) => ({ bound, count }));
const latency = buckets([0.1, 10], [0.5, 30], [1, 40], [Infinity, 50]);

test.each([
  // Within a bucket, evenly: rank 25 is three quarters of the way from 0.1 to 0.5.
  [0.5, latency, 0.4],
  [0.1, latency, 0.05],
  [0.2, latency, 0.1],
  // The last one has no end.
  [0.99, latency, 1],
  [-0.1, latency, -Infinity],
  [1.1, latency, Infinity],
  [NaN, latency, NaN],
  // Nothing was observed, or there is no end, or nothing but the end.
  [0.5, buckets([1, 0], [Infinity, 0]), NaN],
  [0.5, buckets([1, 5], [2, 9]), NaN],
  [0.5, buckets([Infinity, 9]), NaN],
  [0.5, [], NaN],
  // The first bucket ends below 0.
  [0.1, buckets([-1, 5], [1, 10], [Infinity, 10]), -1],
  // Counts that fall are those of another moment.
  [0.5, buckets([1, 10], [2, 9], [Infinity, 10]), 0.5],
  // Bounds that are the same are one bucket.
  [0.5, buckets([1, 1], [1, 1], [2, 4], [Infinity, 4]), 1],
])('the quantile %d of %j is %d', (share, given, expected) => {
  const found = histogramQuantile(share, given);
  if (Number.isNaN(expected)) expect(found).toBeNaN();
  else expect(found).toBeCloseTo(expected, 10);
});
