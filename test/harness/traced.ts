import type { Traced } from '../../src/core/conduct';

/** Results as a batch gives them. */
export function traced<Result>(results: readonly Result[], traceId = 'f'.repeat(32)): Traced<Result>[] {
  return results.map((result) => ({ ...result, traceId, measurements: [] }));
}
