import { describe, expect, it } from 'vitest';
import type { Check } from '../../../../src/features/checks/core/check';
import type { CheckResult } from '../../../../src/features/checks/core/checkBatch';
import type { CheckStatus } from '../../../../src/features/checks/core/probe';
import { Steadiness } from '../../../../src/features/checks/core/steadiness';

const check = (settings: Partial<Check>): Check => ({
  ...{ name: 'health', type: 'http', hosts: ['web'], timeoutMs: 1, settings: {}, input: {} },
  source: { file: '/muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 },
  ...settings,
});
const result = (status: CheckStatus, host = 'web'): CheckResult => ({
  ...{ host, check: 'health', status, latencyMs: 1, message: '' },
});

/** The states that these results lead to; `?` is one in between. */
function states(found: readonly CheckStatus[], settings: Partial<Check> = {}): string[] {
  const steadiness = new Steadiness();
  return found.map((status) => {
    const { status: state, turning } = steadiness.hold(result(status), check(settings));
    return turning ? `${state} → ${turning.to} ${turning.count}/${turning.of}` : state;
  });
}

const [up, down] = ['healthy', 'unhealthy'] as const;

describe('The state of a check that is made again and again', () => {
  it('is each result where the check says nothing else', () => {
    expect(states([up, down, up, 'degraded'])).toEqual([up, down, up, 'degraded']);
  });

  it('changes after so many results in a row', () => {
    expect(states([up, down, down, down, up, up], { unhealthyAfter: 3, healthyAfter: 2 })).toEqual(
      [up, 'healthy → unhealthy 1/3', 'healthy → unhealthy 2/3', down].concat([
        'unhealthy → healthy 1/2',
        up,
      ]),
    );
  });

  it('is counted anew after a result that speaks for it', () => {
    expect(states([up, down, up, down], { unhealthyAfter: 2 })).toEqual([
      up,
      'healthy → unhealthy 1/2',
      up,
      'healthy → unhealthy 1/2',
    ]);
  });

  it('is the first result, whatever it is', () => {
    expect(states([down], { unhealthyAfter: 5 })).toEqual([down]);
  });

  it('is not touched by what was not checked', () => {
    expect(states([up, down, 'skipped', down], { unhealthyAfter: 2 })).toEqual([
      up,
      'healthy → unhealthy 1/2',
      'skipped',
      down,
    ]);
  });

  it('becomes degraded at once, and an end of being unhealthy may be degraded', () => {
    expect(states([up, 'degraded', down, 'degraded'], { unhealthyAfter: 2 })).toEqual([
      up,
      'degraded',
      'degraded → unhealthy 1/2',
      'degraded',
    ]);
    expect(states([down, 'degraded', up], { healthyAfter: 2 })).toEqual([
      down,
      'unhealthy → degraded 1/2',
      up,
    ]);
  });

  it('is what a person was shown', () => {
    const steadiness = new Steadiness();
    steadiness.hold(result(up), check({ unhealthyAfter: 3 }));
    steadiness.settle(result(down));
    expect(steadiness.hold(result(down), check({ unhealthyAfter: 3 }))).toEqual(result(down));
  });

  it('is one for each host', () => {
    const steadiness = new Steadiness();
    const settings = check({ unhealthyAfter: 2 });
    for (const host of ['a', 'b']) steadiness.hold(result(up, host), settings);
    expect(steadiness.hold(result(down, 'a'), settings).status).toBe(up);
    expect(steadiness.hold(result(down, 'b'), settings).status).toBe(up);
    expect(steadiness.hold(result(down, 'a'), settings).status).toBe(down);
  });
});
