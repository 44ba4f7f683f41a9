import type { Deadline } from './deadline';
import { fanOut, type FanOut, type Share } from './fanOut';
import { type Attributes, type Measurement, roundMs } from '../operation/measurement';
import { Operation, type OperationOrigin } from '../operation/operation';
import { isFailure, type Outcome } from '../errors/outcome';

/** A result with the operation that it is from. */
export type Traced<Result> = Result & {
  traceId: string;
  /** Of the work on this target; undefined if it was not begun. */
  spanId?: string | undefined;
  measurements: readonly Measurement[];
};

export interface BatchReport<Result, Summary> {
  traceId: string;
  summary: Summary;
  /** In the order of the targets. */
  results: Traced<Result>[];
}

/** What all batches have to choose. */
export interface BatchOptions<Result> {
  /** Where the batch reports, and the work that it is a part of. */
  origin?: OperationOrigin;
  concurrency: number;
  maxFailures?: Share;
  serial?: readonly Share[];
  /** Milliseconds between two batches of `serial`. */
  pauseMs?: number;
  signal?: AbortSignal;
  /** Called as each target ends, in the order of ending. */
  onResult?: (result: Traced<Result>) => void;
}

/** One kind of batch: the work on a target, and what is made of all results. */
interface Batch<Target, Result extends Outcome, Summary> extends Pick<
  FanOut<Target, Traced<Result>>,
  'again' | 'waitsFor'
> {
  /** What the operation is called, e.g. `check`. */
  name: string;
  targets: readonly Target[];
  /** Which target it is, for those who trace. */
  attributesOf(target: Target): Attributes;
  /** Milliseconds for all of the work on one target; 0 means no limit. */
  deadlineMs(this: void, target: Target): number;
  /** Its sockets must close when the deadline's signal aborts. */
  work(target: Target, deadline: Deadline, operation: Operation): Promise<Result>;
  /** The result of a target whose work threw, or after 0 ms was not begun. */
  failed(target: Target, error: unknown, elapsedMs: number): Result;
  /** Hears of each result before those who wait for its target begin. */
  ended?(target: Target, result: Traced<Result>): void;
  summarise(this: void, results: readonly Traced<Result>[], durationMs: number): Summary;
}

/** Conducts one operation on many targets, each with a span; never rejects: what goes wrong is in the results. */
export async function conduct<Target, Result extends Outcome, Summary>(
  batch: Batch<Target, Result, Summary>,
  { origin, ...options }: BatchOptions<Result>,
): Promise<BatchReport<Result, Summary>> {
  const startedAt = performance.now();
  const operation = Operation.begin(batch.name, origin);
  const { traceId } = operation;
  const spans = new Map<Target, Operation>();
  const ended = (target: Target, result: Result): Traced<Result> => {
    const span = spans.get(target);
    spans.delete(target);
    span?.end(result);
    const { spanId, measurements = [] } = span ?? {};
    if (result.error) result.error.traceId = traceId;
    // The work made it for this batch: a copy would cost more than all else here.
    return Object.assign(result, { traceId, spanId, measurements: measurements.slice() });
  };
  const failed = (target: Target, error: unknown, elapsedMs: number) =>
    ended(target, batch.failed(target, error, elapsedMs));

  const results = await fanOut<Target, Traced<Result>>({
    ...options,
    ...{ targets: batch.targets, again: batch.again, waitsFor: batch.waitsFor },
    deadlineMs: batch.deadlineMs,
    work: async (target, deadline) => {
      const span = operation.span(batch.name, batch.attributesOf(target));
      spans.set(target, span);
      return ended(target, await batch.work(target, deadline, span));
    },
    failed,
    onResult: (result, target) => {
      batch.ended?.(target, result);
      options.onResult?.(result);
    },
    skipped: (target, reason) => failed(target, reason, 0),
    isFailure,
  });
  const durationMs = roundMs(performance.now() - startedAt);
  operation.log.info(logLine(operation, results, durationMs));
  operation.end();
  return { traceId, summary: batch.summarise(results, durationMs), results };
}

/** How many results have each of the statuses. */
export function countStatuses<Status extends string>(
  results: readonly { status: Status }[],
  statuses: readonly Status[],
): Record<Status, number> {
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status } of results) counts[status]++;
  return counts;
}

function logLine({ name, attributes }: Operation, results: readonly Outcome[], durationMs: number): string {
  const of = attributes.inventory === undefined ? '' : ` of ${attributes.inventory}`;
  const statuses = [...new Set(results.map(({ status }) => status))];
  const counts = Object.entries(countStatuses(results, statuses)).map(
    ([status, count]) => `${count} ${status}`,
  );
  return `${name}${of} ended in ${durationMs} ms: ${counts.join(', ')}`;
}
