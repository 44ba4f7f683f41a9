import { describe, expect, it } from 'vitest';
import type { Series } from '../../../../src/features/metrics/core/reading';
import { SeriesStore } from '../../../../src/features/metrics/core/seriesStore';
import { reading, target } from './readings';

const series = (name: string, value: number, kind: Series['kind'] = 'gauge'): Series => ({
  ...{ name, labels: [], kind, value },
});
const at = (seconds: number, ...all: Series[]) => reading(all, { at: seconds * 1000 });
const web = target('web');

const pointsOf = (store: SeriesStore, name: string) => {
  const { id } = store.all().find((one) => one.name === name)!;
  return store
    .points(id)
    .map((point) => [point.at / 1000, 'value' in point.figure ? point.figure.value : point.figure.gap]);
};

describe('the points of series', () => {
  it('are values, rates of counters, and gaps with their reasons', () => {
    const store = new SeriesStore();
    store.add(web, at(1, series('load', 1), series('hits', 10, 'counter')));
    store.add(web, at(3, series('load', NaN), series('hits', 30, 'counter')));
    store.addGap(web, 5000);
    store.add(web, at(7, series('load', 2), series('hits', 70, 'counter'), series('late', 5)));
    store.add(web, at(8, series('hits', 4, 'counter')));
    expect(pointsOf(store, 'load')).toEqual([
      ...[
        [1, 1],
        [3, 'nan'],
        [5, 'absent'],
        [7, 2],
        [8, 'absent'],
      ],
    ]);
    // From one reading to the next, whatever failed between them.
    expect(pointsOf(store, 'hits')).toEqual([
      [1, 'first'],
      [3, 10],
      [5, 'absent'],
      [7, 10],
      [8, 'reset'],
    ]);
    expect(pointsOf(store, 'late')).toEqual([
      [1, 'absent'],
      [3, 'absent'],
      [5, 'absent'],
      [7, 5],
      [8, 'absent'],
    ]);
  });

  it('are the last ones, when there are more than are kept', () => {
    const store = new SeriesStore({ mostPoints: 100 });
    for (let second = 1; second <= 1050; second++) store.add(web, at(second, series('x', second)));
    const points = pointsOf(store, 'x');
    expect(points).toHaveLength(100);
    expect([points[0], points.at(-1)]).toEqual([
      [951, 951],
      [1050, 1050],
    ]);
    const { id } = store.all()[0]!;
    expect(store.points(id, 2).map((point) => point.at)).toEqual([1_049_000, 1_050_000]);
  });

  it('that come up after the first round were absent until then', () => {
    const store = new SeriesStore({ mostPoints: 3 });
    for (const second of [1, 2, 3, 4]) store.add(web, at(second, series('x', second)));
    store.add(web, at(5, series('x', 5), series('y', 5)));
    expect(pointsOf(store, 'y')).toEqual([
      [3, 'absent'],
      [4, 'absent'],
      [5, 5],
    ]);
  });

  it('are those of so many series, and others are counted once each', () => {
    const store = new SeriesStore({ mostSeries: 2 });
    const all = ['a', 'b', 'c', 'd'].map((name) => series(name, 1));
    store.add(web, at(1, ...all));
    store.add(web, at(2, ...all));
    expect(store.all().map(({ name }) => name)).toEqual(['a', 'b']);
    expect(store.omitted).toBe(2);
  });

  it('are those that are wanted, of each host', () => {
    const store = new SeriesStore({ isWanted: ({ name }) => name === 'a' });
    for (const host of [web, target('db')]) store.add(host, at(1, series('a', 1), series('b', 1)));
    expect(store.all().map(({ host, name }) => `${host} ${name}`)).toEqual(['web a', 'db a']);
    expect(store.points('nothing')).toEqual([]);
  });

  it('of a thousand series at one a second for an hour take some 33 MB', () => {
    const store = new SeriesStore();
    const before = process.memoryUsage().arrayBuffers;
    for (let second = 0; second < 4000; second++) {
      const all = Array.from({ length: 1000 }, (_, index) => series(`s${index}`, second));
      if (second % 500 === 0 || second > 3996) store.add(web, at(second, ...all));
      else store.addGap(web, second * 1000);
    }
    expect(store.all()).toHaveLength(1000);
    expect(pointsOf(store, 's999')).toHaveLength(3600);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80 * 1024 ** 2);
  });
});
