import { describe, expect, it } from 'vitest';
import { bandOf } from '../../../../src/features/metrics/core/chart/chartBand';
import { type ChartGrid, traceOf, type Visit } from '../../../../src/features/metrics/core/chart/chartGrid';
import { chartLines } from '../../../../src/features/metrics/core/chart/chartLines';
import { SeriesStore } from '../../../../src/features/metrics/core/seriesStore';
import { finish } from '../../../../src/platform/inventory/steps';
import { reading, target } from './readings';

const grid: ChartGrid = { from: 0, to: 100, buckets: 10 };
const points =
  (...all: [at: number, value: number][]): Visit =>
  (visitor) =>
    all.forEach(([at, value]) => visitor(at, value, Number.isNaN(value) ? 'absent' : undefined));

describe('the points that a chart draws', () => {
  it('are the least and the greatest of each pixel, in the order in which they came', () => {
    const visit = points([0, 5], [3, 9], [6, 1], [9, 4], [10, 2], [12, 3], [99, 7], [100, 8]);
    expect(traceOf(visit, grid)).toEqual({ places: [0, 1, 3, 4, 27, 28], values: [9, 1, 2, 3, 7, 8] });
  });

  it('are fewer than three for each pixel, however many there were, and keep a peak of one second', () => {
    const visit: Visit = (visitor) => {
      for (let at = 0; at < 3_600; at++) visitor(at, at === 1_234 ? 1_000 : at % 7, undefined);
    };
    const { places, values } = traceOf(visit, { from: 0, to: 3_600, buckets: 200 });
    expect(places).toHaveLength(400);
    expect(Math.max(...values.map((value) => value ?? 0))).toBe(1_000);
  });

  it('end where there is no number, and are never 0 there', () => {
    const visit = points([5, 1], [15, NaN], [25, Infinity], [35, 2], [38, NaN]);
    expect(traceOf(visit, grid)).toEqual({ places: [0, 5, 8, 9, 11], values: [1, null, null, 2, null] });
  });

  it('are not joined over a gap within one pixel: before its numbers, or after them', () => {
    const visit = points(
      [5, 1],
      [11, NaN],
      [15, 2],
      [25, 3],
      [28, NaN],
      [35, 4],
      [41, NaN],
      [45, 5],
      [48, NaN],
    );
    expect(traceOf(visit, grid)).toEqual({
      places: [0, 2, 3, 6, 8, 9, 11, 12, 14],
      values: [1, null, 2, 3, null, 4, null, 5, null],
    });
  });

  it('are of the times that are shown', () => {
    expect(traceOf(points([-1, 1], [101, 2]), grid)).toEqual({ places: [], values: [] });
  });
});

describe('a band over hosts', () => {
  const line = (visit: Visit, holdMs = 25) => ({ visit, holdMs });

  it('has the least, the middle and the greatest of hosts that are read at different moments', () => {
    const band = finish(
      bandOf(
        [
          line(points([0, 1], [20, 1], [40, 1])),
          line(points([5, 3], [25, 3], [45, 3])),
          line(points([9, 8], [29, 8], [49, 8])),
        ],
        { ...grid, to: 50, buckets: 5 },
      ),
    );
    expect(band.min.values).toEqual([1, 1, 1, 1, 1]);
    expect(band.median.values).toEqual([3, 3, 3, 3, 3]);
    expect(band.max.values).toEqual([8, 8, 8, 8, 8]);
  });

  it('is of the hosts that have a number, and is interrupted where none has', () => {
    const band = finish(
      bandOf([line(points([0, 1], [10, NaN])), line(points([0, 5], [10, 7], [20, NaN], [80, 4]))], grid),
    );
    expect(band.min).toEqual({ places: [0, 3, 6, 24, 27], values: [1, 7, null, 4, 4] });
    expect(band.max.values).toEqual([5, 7, null, 4, 4]);
  });

  it('does not go on for longer than readings take to come', () => {
    const { median } = finish(bandOf([line(points([0, 1]))], grid));
    expect(median).toEqual({ places: [0, 3, 6, 9], values: [1, 1, 1, null] });
  });

  it('over many hosts lets others have their turn after each of them, and after each pixel', () => {
    const steps = bandOf(
      Array.from({ length: 1_000 }, () => line(points([0, 1]))),
      grid,
    );
    expect([...steps]).toHaveLength(1_000 + grid.buckets);
  });

  it('has the peaks of a pixel with several readings', () => {
    const { max, median } = finish(bandOf([line(points([0, 9], [1, 1]))], { ...grid, to: 10, buckets: 1 }));
    expect([max.values, median.values]).toEqual([[9], [1]]);
  });
});

describe('the lines of a chart', () => {
  const hosts = ['a', 'b', 'c', 'd', 'e'].map((name) => target(name));
  const load = (value: number) => ({ ...{ name: 'load', labels: [], kind: 'gauge' as const, value } });
  const chart = { source: 'app', name: 'load', asCounter: false };

  it('begin with those that stand out, then those without a value', () => {
    const store = new SeriesStore();
    hosts.forEach((one, index) =>
      store.add(one, reading([load([1, 1.1, 90, 0.9, 1][index]!)], { at: 1_000 })),
    );
    store.addGap(hosts[3]!, 2_000);
    const lines = chartLines(store, chart);
    expect(lines.map(({ series }) => series.host)).toEqual([
      'c',
      'd',
      ...lines.slice(2).map(({ series }) => series.host),
    ]);
    expect(lines[1]).toMatchObject({ value: NaN, gap: 'absent', deviations: undefined });
  });

  it('are what counters count, or by how much they go up a second', () => {
    const store = new SeriesStore();
    const hits = (value: number) => ({ ...{ name: 'hits', labels: [], kind: 'counter' as const, value } });
    store.add(hosts[0]!, reading([hits(10)], { at: 1_000 }));
    store.add(hosts[0]!, reading([hits(30)], { at: 3_000 }));
    const valueOf = (asCounter: boolean) =>
      chartLines(store, { ...chart, name: 'hits', asCounter })[0]!.value;
    expect([valueOf(false), valueOf(true)]).toEqual([10, 30]);
  });
});
