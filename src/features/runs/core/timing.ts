import type { Measurement } from '../../../platform/operation/measurement';
import type { RunResult } from './runBatch';

/** Milliseconds that a host took: until the command was sent, from then to its end, and in all. */
export interface RunTiming {
  connectMs?: number;
  runMs?: number;
  /** Undefined where the command was never started. */
  totalMs?: number;
}

type Measured = Pick<RunResult, 'host' | 'status' | 'durationMs'> & {
  /** Runs that an earlier version stored have none. */
  measurements?: readonly Measurement[];
};

export function timingOf({ status, durationMs, measurements = [] }: Measured): RunTiming {
  const sumOf = (phase: string) =>
    measurements
      .filter(({ name, attributes }) => name === 'phase' && attributes?.phase === phase)
      .reduce<number | undefined>((sum, { value }) => (sum ?? 0) + value, undefined);
  const [connectMs, runMs] = [sumOf('connect'), sumOf('run')];
  return {
    ...(connectMs !== undefined && { connectMs }),
    ...(runMs !== undefined && { runMs }),
    ...(status !== 'skipped' && { totalMs: durationMs }),
  };
}

/** The slowest first. */
export function bySlowness<Result extends Measured>(results: readonly Result[]): Result[] {
  return results.toSorted((a, b) => b.durationMs - a.durationMs);
}
