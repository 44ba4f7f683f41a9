import { describe, expect, it } from 'vitest';
import { foldReadings, type FoldOptions } from '../../../../src/features/metrics/core/fold';
import type { Reading, Series } from '../../../../src/features/metrics/core/reading';
import { reading, target } from './readings';

const gauge = (name: string, value: number, more: Partial<Series> = {}): Series => ({
  ...{ name, labels: [], kind: 'gauge', value },
  ...more,
});

/** Readings of hosts by their names. */
function fold(
  hosts: Readonly<Record<string, readonly [Reading | undefined, Reading] | Reading>>,
  options: Partial<FoldOptions> = {},
) {
  const pairs = Object.entries(hosts).map(([host, given]) => {
    const [before, now] = 'series' in given ? [undefined, given] : given;
    return { target: target(host), before, now };
  });
  return foldReadings(pairs, { asRates: false, ...options });
}

describe('series over hosts', () => {
  it('are a minimum, a median, a maximum and who stands out', () => {
    const hosts = Object.fromEntries(
      [10, 11, 12, 13, 95].map((value, at) => [`web-${at}`, reading([gauge('load', value)])]),
    );
    const [load] = fold(hosts);
    expect(load).toMatchObject({
      ...{ source: 'app', name: 'load', hosts: 5, isRate: false, gaps: {} },
      ...{ min: { host: 'web-0', value: 10 }, median: 12, max: { host: 'web-4', value: 95 } },
    });
    expect(load?.outliers.map(({ host }) => host)).toEqual(['web-4']);
  });

  it('have nobody who stands out among three', () => {
    const hosts = Object.fromEntries(
      [1, 1, 1000].map((value, at) => [`web-${at}`, reading([gauge('load', value)])]),
    );
    expect(fold(hosts)[0]?.outliers).toEqual([]);
  });

  it('name the hosts without them, and why', () => {
    const [load] = fold({
      a: reading([gauge('load', 1)]),
      b: reading([gauge('load', NaN)]),
      c: reading([]),
      // Of what was cut it is not known whether it is there.
      d: reading([], { isComplete: false }),
      e: reading([gauge('load', 1, { timestampMs: 0 })], { at: 1e9 }),
    });
    expect(load).toMatchObject({ hosts: 1, gaps: { nan: ['b'], absent: ['c'], stale: ['e'] } });
  });

  it('begin with those of which a host stands out', () => {
    const hosts = Object.fromEntries(
      [1, 1, 1, 1, 9].map((value, at) => [`h${at}`, reading([gauge('calm', 5), gauge('wild', value)])]),
    );
    expect(fold(hosts).map(({ name }) => name)).toEqual(['wild', 'calm']);
  });

  it('are rates of counters, with the hosts whose counters began again', () => {
    const counter = (value: number) => reading([gauge('hits', value, { kind: 'counter', unit: 'By' })]);
    const later = (value: number) => ({ ...counter(value), at: counter(0).at + 2000 });
    const [hits] = fold(
      { a: [counter(10), later(30)], b: [counter(10), later(4)], c: [undefined, later(4)] },
      { asRates: true },
    );
    expect(hits).toMatchObject({
      ...{ isRate: true, unit: 'By/s', hosts: 1, min: { host: 'a', value: 10 } },
      gaps: { reset: ['b'], first: ['c'] },
    });
  });

  it('report what was there and is gone', () => {
    const [gone] = fold({ a: [reading([gauge('x', 1)]), reading([])] }, { asRates: true });
    expect(gone).toMatchObject({ name: 'x', hosts: 0, gaps: { absent: ['a'] } });
    expect(gone?.min).toBeUndefined();
  });

  it('take the latest of several times, and tell sources apart', () => {
    const twice = reading([gauge('x', 1, { timestampMs: 1 }), gauge('x', 2, { timestampMs: 2 })], { at: 3 });
    const pairs = ['app', 'db'].map((source) => ({
      target: target('a', source),
      before: undefined,
      now: twice,
    }));
    expect(foldReadings(pairs, { asRates: false }).map(({ source, median }) => [source, median])).toEqual([
      ['app', 2],
      ['db', 2],
    ]);
  });

  it('are those that are wanted', () => {
    const hosts = { a: reading([gauge('x', 1), gauge('y', 1)]) };
    expect(fold(hosts, { isWanted: ({ name }) => name === 'y' }).map(({ name }) => name)).toEqual(['y']);
  });
});
