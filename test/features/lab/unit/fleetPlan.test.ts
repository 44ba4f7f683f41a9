import { describe, expect, it } from 'vitest';
import { planFleet } from '../../../../src/features/lab/core/fleetPlan';

describe('the plan of a fleet', () => {
  it.each([3, 4, 5, 6, 7, 12, 100, 1000, 5000])('has exactly %i hosts, each with its own name', (count) => {
    const names = planFleet(count).map(({ name }) => name);
    expect(new Set(names).size).toBe(count);
    expect(names.length).toBe(count);
  });

  it.each([3, 4, 5, 6, 12, 100, 1000])('has a healthy and a failing web server among %i hosts', (count) => {
    const webServers = planFleet(count).filter(({ role }) => role === 'web');
    expect(webServers.map(({ temper }) => temper)).toEqual(expect.arrayContaining(['steady', 'failing']));
  });

  it.each([12, 99, 100, 1000])(
    'has one of each sick host among %i, whatever the digits of their names',
    (count) => {
      const fleet = planFleet(count);
      for (const temper of ['failing', 'slow', 'flapping'])
        expect(fleet.filter((host) => host.temper === temper).length).toBe(1);
      expect(fleet.filter(({ diskPercent }) => diskPercent >= 80).length).toBe(1);
      expect(fleet.filter(({ certificateDays = Infinity }) => certificateDays < 14).length).toBe(1);
    },
  );

  it('puts databases behind the bastion where there is one', () => {
    const behind = (count: number): boolean[] =>
      planFleet(count)
        .filter(({ role }) => role === 'db')
        .map(({ behindBastion }) => behindBastion);
    expect(behind(5)).toEqual([false]);
    expect(behind(12)).toEqual([true, true, true]);
    expect(planFleet(12).filter(({ role }) => role === 'bastion').length).toBe(1);
  });

  it('is the same each time', () => {
    expect(planFleet(40)).toEqual(planFleet(40));
  });
});
