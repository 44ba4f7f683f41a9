import { describe, expect, it } from 'vitest';
import { checkReportText } from '../../../src/cli/output/checkReport';
import { styleFor } from '../../../src/cli/output/style';
import type { CheckReport, CheckResult } from '../../../src/core/checks/checkBatch';
import { errorReport, MusterError } from '../../../src/core/errors';

const plain = styleFor(Object.assign(Object.create(process.stdout), { isTTY: false }), false);

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
  results,
};

describe('the report of checks', () => {
  const text = checkReportText(report, plain);

  it('counts the states of each check', () => {
    expect(text).toMatch(/^CHECK +HEALTHY +DEGRADED +UNHEALTHY +SKIPPED$/m);
    expect(text).toMatch(/^health +1 +- +1 +-$/m);
    expect(text).toMatch(/^disk +- +1 +- +1$/m);
  });

  it('explains those that are not well, down to what can be done', () => {
    expect(text).toContain(
      'web-02 health: unhealthy 4 ms\n  REFUSED: connect ECONNREFUSED\n  Check the port.\n',
    );
    expect(text).toContain('web-01 disk: degraded 9 ms\n  expected < 80, got 84\n');
    expect(text).toContain('warning: unverified (web-01)');
    expect(text).toContain('skipped: web-02: cancelled');
  });

  it('ends in one line of counts and one of times', () => {
    expect(text).toContain('4 checks: 1 healthy, 1 degraded, 1 unhealthy, 1 skipped\n1.23 s, 2 per second,');
  });
});
