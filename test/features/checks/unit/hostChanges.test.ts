import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostChanges } from '../../../../src/features/checks/editor/hostChanges';
import type { Verdict } from '../../../../src/shell/editor/fleets/checkVerdicts';

const verdict = fc.constantFrom<Verdict>('healthy', 'degraded', 'unhealthy', 'skipped', 'unknown');

describe('What became of hosts', () => {
  it('is told in groups', () => {
    const before = new Map<string, Verdict>([
      ['web-1', 'healthy'],
      ['web-2', 'degraded'],
      ['db-1', 'unhealthy'],
      ['db-2', 'healthy'],
      ['db-3', 'healthy'],
    ]);
    const now: Record<string, Verdict> = {
      ...{
        'web-1': 'unhealthy',
        'web-2': 'unhealthy',
        'db-1': 'healthy',
        'db-2': 'degraded',
        'db-3': 'healthy',
      },
    };
    expect(hostChanges(before, (host) => now[host]!)).toEqual({
      unhealthy: ['web-1', 'web-2'],
      degraded: ['db-2'],
      recovered: ['db-1'],
    });
  });

  it('is nothing for a host that was never checked, or is as it was', () => {
    fc.assert(
      fc.property(verdict, verdict, (earlier, later) => {
        const unknown = earlier === 'unknown' || earlier === 'skipped';
        const changes = hostChanges(new Map([['a', earlier]]), () => later);
        const told = Object.values(changes).flat();
        if (unknown || earlier === later) expect(told).toEqual([]);
        else expect(told.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
