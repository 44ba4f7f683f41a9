import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../src/features/checks/core/checkBatch';
import { CheckVerdicts, tallyStatus } from '../../../src/shell/editor/fleets/checkVerdicts';

const result = (host: string, check: string, status: CheckResult['status'], latencyMs = 1): CheckResult => ({
  host,
  check,
  status,
  latencyMs,
  message: status,
});

describe('Verdicts of checks', () => {
  it('make a host as sick as its sickest check, and as slow as its slowest', () => {
    const verdicts = new CheckVerdicts();
    verdicts.record(result('web-1', 'port', 'healthy', 5));
    verdicts.record(result('web-1', 'health', 'degraded', 30));
    expect(verdicts.host('web-1')).toMatchObject({ status: 'degraded', pending: false, latencyMs: 30 });
    verdicts.record(result('web-1', 'disk', 'unhealthy', 2));
    expect(verdicts.host('web-1').status).toBe('unhealthy');
  });

  it('count hosts by status, the worst naming the whole', () => {
    const verdicts = new CheckVerdicts();
    verdicts.record(result('a', 'port', 'healthy'));
    verdicts.record(result('b', 'port', 'unhealthy'));
    const tally = verdicts.tally(['a', 'b', 'c']);
    expect(tally).toMatchObject({ healthy: 1, unhealthy: 1, unknown: 1, total: 3 });
    expect(tallyStatus(tally)).toBe('unhealthy');
  });

  it('keep what is known when a check is skipped', () => {
    const verdicts = new CheckVerdicts();
    verdicts.record(result('a', 'port', 'unhealthy'));
    verdicts.record(result('a', 'port', 'skipped'));
    verdicts.record(result('b', 'port', 'skipped'));
    expect(verdicts.host('a').status).toBe('unhealthy');
    expect(verdicts.host('b').status).toBe('skipped');
  });

  it('are not healthy while one of the checks was never made', () => {
    const verdicts = new CheckVerdicts();
    verdicts.record(result('a', 'port', 'healthy'), 1000);
    verdicts.record(result('a', 'ping', 'skipped'));
    verdicts.record(result('b', 'port', 'healthy'));
    expect(verdicts.host('a')).toMatchObject({ status: 'skipped', latencyMs: expect.any(Number) });
    expect(tallyStatus(verdicts.tally(['a', 'b']))).toBe('skipped');
    verdicts.record(result('a', 'ping', 'degraded'));
    expect(verdicts.host('a').status).toBe('degraded');
  });

  it.each(['UNAVAILABLE', 'INTERNAL', 'DEPENDENCY'] as const)(
    'keep nothing when a check could not be made (%s), also not from an earlier session',
    (code) => {
      const verdicts = new CheckVerdicts();
      verdicts.record(result('a', 'port', 'healthy'));
      verdicts.record({ ...result('a', 'port', 'skipped'), error: { code, message: 'x', causes: [] } });
      expect(verdicts.host('a').status).toBe('skipped');
      expect(verdicts.restore(result('a', 'port', 'healthy'), 1000)).toBe(false);
      expect(verdicts.host('a').status).toBe('skipped');
    },
  );

  it('are pending until each of several overlapping batches has ended', () => {
    const verdicts = new CheckVerdicts();
    verdicts.begin('a', 'port');
    verdicts.begin('a', 'port');
    verdicts.record(result('a', 'port', 'healthy'));
    expect(verdicts.isPending('a', 'port')).toBe(true);
    verdicts.record(result('a', 'port', 'healthy'));
    expect(verdicts.host('a')).toMatchObject({ status: 'healthy', pending: false });
  });

  it('stay as they are when a check ends without a result that counts', () => {
    const verdicts = new CheckVerdicts();
    verdicts.record(result('a', 'port', 'unhealthy'));
    verdicts.begin('a', 'port');
    expect(verdicts.host('a').pending).toBe(true);
    verdicts.abandon('a', 'port');
    expect(verdicts.host('a')).toMatchObject({ status: 'unhealthy', pending: false });
  });

  it('of an earlier session come back, but never over what is known', () => {
    const verdicts = new CheckVerdicts();
    verdicts.record(result('a', 'port', 'skipped'));
    expect(verdicts.restore(result('a', 'port', 'unhealthy'), 1000)).toBe(true);
    expect(verdicts.host('a')).toMatchObject({ status: 'unhealthy', checkedAt: 1000 });
    verdicts.record(result('a', 'port', 'healthy'), 2000);
    expect(verdicts.restore(result('a', 'port', 'unhealthy'), 1000)).toBe(false);
    expect(verdicts.host('a')).toMatchObject({ status: 'healthy', checkedAt: 2000 });
  });

  it('are as old as the oldest of the checks that decide', () => {
    const verdicts = new CheckVerdicts();
    verdicts.record(result('a', 'port', 'healthy'), 1000);
    verdicts.record(result('a', 'health', 'healthy'), 2000);
    expect(verdicts.host('a').checkedAt).toBe(1000);
    expect(verdicts.checkedAt('a', 'health')).toBe(2000);
    verdicts.record(result('a', 'health', 'unhealthy'), 3000);
    expect(verdicts.host('a').checkedAt).toBe(3000);
    verdicts.staleBefore = 2500;
    expect(verdicts.tally(['a', 'b']).stale).toBe(0);
    verdicts.staleBefore = 3500;
    expect(verdicts.tally(['a', 'b']).stale).toBe(1);
  });

  it('are forgotten with the checks that an edit takes away', () => {
    const verdicts = new CheckVerdicts();
    verdicts.record(result('a', 'port', 'unhealthy'));
    verdicts.record(result('a', 'health', 'healthy'));
    verdicts.retain((_, check) => check === 'health');
    expect(verdicts.host('a').status).toBe('healthy');
    expect(verdicts.result('a', 'port')).toBeUndefined();
  });
});
