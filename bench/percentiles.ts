import type { Sample } from './measure';

/** What a sample says of latencies in milliseconds, which are sorted. */
export function percentiles(latencies: number[]): Pick<Sample, 'ok' | 'p50Ms' | 'p95Ms' | 'p99Ms'> {
  latencies.sort((a, b) => a - b);
  const at = (percent: number) => latencies[Math.ceil((latencies.length * percent) / 100) - 1];
  return { ok: latencies.length, p50Ms: at(50), p95Ms: at(95), p99Ms: at(99) };
}
