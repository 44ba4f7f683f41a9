import { describe, expect, it } from 'vitest';
import { checkReportText } from '../../../../src/features/checks/cli/checkReport';
import { createColors } from 'picocolors';
import type { CheckReport, CheckResult } from '../../../../src/features/checks/core/checkBatch';
import { errorReport, MusterError } from '../../../../src/platform/errors/errors';
import { traced } from '../../../harness/traced';

const plain = createColors(false);

const results: CheckResult[] = [
  { host: 'web-01', check: 'health', status: 'healthy', latencyMs: 3, message: 'status 200' },
  {
    host: 'web-02',
    check: 'health',
    status: 'unhealthy',
    latencyMs: 4,
    message: 'connect ECONNREFUSED',
    error: errorReport(new MusterError('REFUSED', 'connect ECONNREFUSED', { hint: 'Check the port.' })),
  },
  {
    host: 'web-01',
    check: 'disk',
    status: 'degraded',
    latencyMs: 9,
    message: 'expected < 80, got 84',
    warning: 'unverified',
  },
  { host: 'web-02', check: 'disk', status: 'skipped', latencyMs: 0, message: 'cancelled' },
];

const report: CheckReport = {
  traceId: 'a'.repeat(32),
  summary: {
    total: 4,
    healthy: 1,
    degraded: 1,
    unhealthy: 1,
    skipped: 1,
    durationMs: 1234,
    p50Ms: 4,
    p95Ms: 9,
    p99Ms: 9,
    perSecond: 2,
  },
  results: traced(results),
};

describe('the report of checks', async () => {
  const text = await checkReportText(report, plain);

  it('begins with the sick, the worst first, each with its reasons down to what can be done', () => {
    expect(text).toMatch(
      /^unhealthy {2}web-02 {2}health {2}4\.0 ms\n {4}REFUSED: connect ECONNREFUSED\n {4}Check the port\.\ndegraded /,
    );
    expect(text).toContain('degraded   web-01  disk  9.0 ms\n    expected < 80, got 84\n');
    expect(text).toContain('skipped    web-02  disk');
  });

  it('shows warnings with the hosts that they are about', () => {
    expect(text).toContain('\nwarning: web-01 disk: unverified\n');
  });

  it('lists the healthy ones where they are few', () => {
    expect(text).toMatch(/^healthy +web-01 +health +3\.0 ms +status 200$/m);
  });

  it('ends in one line of counts and one of times', () => {
    expect(text).toContain(
      `4 checks on 2 hosts: 1 healthy, 1 unhealthy, 1 degraded, 1 skipped\n` +
        `1.23 s, 2 per second, latency P50 4.0 ms, P95 9.0 ms, P99 9.0 ms, trace ${'a'.repeat(32)}\n`,
    );
  });

  describe('on many hosts', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `web-${String(index + 1).padStart(2, '0')}`);
    const many: CheckResult[] = names.map((host, index) =>
      index < 20
        ? { host, check: 'health', status: 'healthy', latencyMs: index, message: 'status 200' }
        : {
            host,
            check: 'health',
            status: 'unhealthy',
            latencyMs: index,
            message: `connect ECONNREFUSED 127.0.0.${index}:80`,
            error: errorReport(new MusterError('REFUSED', `connect ECONNREFUSED 127.0.0.${index}:80`)),
          },
    );
    const folded = await checkReportText({ ...report, results: traced(many) }, plain);

    it('folds hosts that are sick in the same way', () => {
      expect(folded).toMatch(/^unhealthy {2}web-\[21-30\] {2}health {2}10 hosts\n {4}REFUSED: /);
    });

    it('sums the healthy ones up by check', () => {
      expect(folded).toMatch(/^CHECK +HEALTHY +UNHEALTHY +DEGRADED +SKIPPED +P50 +P95$/m);
      expect(folded).toMatch(/^health +20 +10 +0 +0 +14 ms +28 ms$/m);
    });
  });
});
