import { describe, expect, it } from 'vitest';
import { type BatchOptions, conduct, countStatuses } from '../../../src/platform/batch/conduct';
import { type ErrorReport, errorReport, MusterError } from '../../../src/platform/errors/errors';
import type { EndedSpan, Logger } from '../../../src/platform/host/host';
import { silentLogger } from '../../../src/platform/host/host';
import type { Operation } from '../../../src/platform/operation/operation';

interface Outcome {
  target: string;
  status: 'ok' | 'failed' | 'skipped';
  error?: ErrorReport;
}

const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true };

function conducted(
  targets: readonly string[],
  work: (target: string, operation: Operation) => Promise<void> | void = () => {},
  options: Partial<BatchOptions<Outcome>> = {},
) {
  return conduct<string, Outcome, Record<Outcome['status'], number>>(
    {
      ...{ name: 'try', targets, deadlineMs: () => 0 },
      attributesOf: (target) => ({ target }),
      work: async (target, _deadline, operation) => {
        await work(target, operation);
        return { target, status: 'ok' };
      },
      failed: (target, error) => ({
        target,
        status: MusterError.is(error, 'CANCELLED') ? 'skipped' : 'failed',
        error: errorReport(error),
      }),
      summarise: (results) => countStatuses(results, ['ok', 'failed', 'skipped']),
    },
    { concurrency: 1, ...options },
  );
}

const breakAt = (bad: string) => (target: string) => {
  if (target === bad) throw new MusterError('RESET', `${target} hung up`);
};

describe('A batch', () => {
  it('has its trace before the work begins, and in the report, every result and every error', async () => {
    const seen = new Set<string>();
    const { traceId, summary, results } = await conducted(
      ['a', 'b', 'c'],
      (target, operation) => {
        seen.add(operation.traceId);
        breakAt('b')(target);
      },
      { maxFailures: { count: 0 } },
    );
    expect(seen).toEqual(new Set([traceId]));
    expect(summary).toEqual({ ok: 1, failed: 1, skipped: 1 });
    expect(results).toMatchObject([
      { target: 'a', status: 'ok', traceId },
      { target: 'b', status: 'failed', traceId, error: { code: 'RESET', traceId } },
      { target: 'c', status: 'skipped', traceId, error: { code: 'CANCELLED', traceId } },
    ]);
  });

  it('gives each target a span of its own, with what its work has measured, also when that failed', async () => {
    const spans: string[] = [];
    const { results } = await conducted(['a', 'b'], (target, operation) => {
      spans.push(operation.spanId);
      operation.record({ name: 'size', value: target.length, unit: 'By' });
      breakAt('b')(target);
    });
    expect(results.map(({ spanId }) => spanId)).toEqual(spans);
    expect(new Set(spans).size).toBe(2);
    for (const { measurements } of results)
      expect(measurements).toEqual([{ name: 'size', value: 1, unit: 'By' }]);
  });

  it('has no span for a target that was not begun, and nothing measured', async () => {
    const { results } = await conducted(['a'], undefined, { signal: AbortSignal.abort() });
    expect(results).toMatchObject([{ status: 'skipped', measurements: [] }]);
    expect(results[0]!.spanId).toBeUndefined();
  });

  it('gives each result as it ends, as it is in the report', async () => {
    const given: unknown[] = [];
    const { results } = await conducted(['a', 'b'], breakAt('b'), { onResult: (one) => given.push(one) });
    expect(given).toEqual(results);
  });

  it('is a part of the work that its origin names, and reports its spans to the tracer', async () => {
    const ended: EndedSpan[] = [];
    const origin = { parent, tracer: { ended: (span: EndedSpan) => ended.push(span) } };
    const { traceId, results } = await conducted(['a', 'b'], breakAt('b'), { origin });
    expect(traceId).toBe(parent.traceId);
    const [a, b, whole] = ended;
    expect(ended).toHaveLength(3);
    expect(whole).toMatchObject({ name: 'try', traceId, parentId: parent.spanId });
    const own = { name: 'try', traceId, parentId: whole!.spanId };
    expect(a).toMatchObject({
      ...{ ...own, spanId: results[0]!.spanId },
      attributes: { target: 'a', status: 'ok' },
    });
    expect(b).toMatchObject({
      ...{ ...own, spanId: results[1]!.spanId },
      attributes: { target: 'b', status: 'failed', error: 'RESET' },
    });
  });

  it('is one line in the log, with how it went and its trace id', async () => {
    const lines: string[] = [];
    const logger: Logger = { ...silentLogger, info: (line) => lines.push(line) };
    const origin = { logger, parent, attributes: { inventory: '/muster.yaml' } };
    await conducted(['a', 'b', 'c'], breakAt('b'), { origin });
    expect(lines).toEqual([
      expect.stringMatching(/^try of \/muster\.yaml ended in [\d.]+ ms: 2 ok, 1 failed \(trace a{32}\)$/),
    ]);
  });
});
