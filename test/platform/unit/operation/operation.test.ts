import { describe, expect, it } from 'vitest';
import type { EndedSpan, Logger } from '../../../../src/platform/host/host';
import { Operation } from '../../../../src/platform/operation/operation';
import { PhaseRecorder } from '../../../../src/platform/operation/phaseRecorder';
import { parseTraceparent } from '../../../../src/platform/operation/traceContext';

const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: false };

describe('An operation', () => {
  it('is a new trace, sampled, where nobody else began it', () => {
    const operation = Operation.begin('check');
    expect(parseTraceparent(operation.traceparent)).toMatchObject({
      ...{ traceId: operation.traceId, spanId: operation.spanId, isSampled: true },
    });
    expect(Operation.begin('check').traceId).not.toBe(operation.traceId);
  });

  it('keeps the trace and the sampling of the work that it is a part of', () => {
    const operation = Operation.begin('check', { parent });
    expect(operation.traceparent).toBe(`00-${parent.traceId}-${operation.spanId}-00`);
    expect(operation.spanId).not.toBe(parent.spanId);
  });

  it('has its trace id in every line that it logs', () => {
    const lines: string[] = [];
    const log = (message: string) => lines.push(message);
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    const { log: own } = Operation.begin('check', { logger, parent }).span('check');
    for (const level of ['debug', 'info', 'warn', 'error'] as const) own[level](level);
    expect(lines).toEqual(
      ['debug', 'info', 'warn', 'error'].map((level) => `${level} (trace ${parent.traceId})`),
    );
  });

  it('reports its spans as they end, each with whose part it is and what was measured in it', () => {
    const ended: EndedSpan[] = [];
    const before = Date.now();
    const operation = Operation.begin('run', {
      ...{ parent, tracer: { ended: (span) => ended.push(span) } },
      attributes: { inventory: '/muster.yaml' },
    });
    const span = operation.span('run', { host: 'web-1' });
    span.record({ name: 'output.size', value: 7, unit: 'By' });
    span.end({ status: 'ok' });
    operation.end();
    expect(ended).toMatchObject([
      {
        ...{ name: 'run', traceId: parent.traceId, parentId: operation.spanId, spanId: span.spanId },
        attributes: { host: 'web-1', status: 'ok' },
        measurements: [{ name: 'output.size', value: 7, unit: 'By' }],
      },
      {
        ...{ name: 'run', parentId: parent.spanId, spanId: operation.spanId, measurements: [] },
        attributes: { inventory: '/muster.yaml' },
      },
    ]);
    for (const { startedAt, durationMs } of ended) {
      expect(durationMs).toBeGreaterThanOrEqual(0);
      // The clock of the machine may have been set since this process began.
      expect(Math.abs(startedAt - before)).toBeLessThan(60_000);
    }
  });
});

describe('The phases of an operation', () => {
  it('follow one another: each is measured with its duration and its offset', () => {
    const operation = Operation.begin('run');
    const phases = new PhaseRecorder(operation);
    for (const phase of ['connect', 'connect', 'run']) phases.enter(phase);
    phases.end();
    phases.end();
    const [connect, run] = operation.measurements;
    expect(operation.measurements).toHaveLength(2);
    expect(connect).toMatchObject({ name: 'phase', unit: 'ms', attributes: { phase: 'connect' } });
    expect(run).toMatchObject({ name: 'phase', unit: 'ms', attributes: { phase: 'run' } });
    const offset = (measurement: typeof run) => measurement!.attributes!.offsetMs as number;
    expect(offset(connect)).toBe(0);
    expect(offset(run)).toBeCloseTo(connect!.value, 5);
  });
});
