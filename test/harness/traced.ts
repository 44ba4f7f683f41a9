import type { Traced } from '../../src/platform/batch/conduct';

/** Results as a batch gives them. */
export function traced<Result>(results: readonly Result[], traceId = 'f'.repeat(32)): Traced<Result>[] {
  return results.map((result) => ({ measurements: [], ...result, traceId }));
}
