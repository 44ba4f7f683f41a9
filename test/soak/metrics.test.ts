import { expect, it } from 'vitest';
import { bandOf } from '../../src/features/metrics/core/chart/chartBand';
import type { Visit } from '../../src/features/metrics/core/chart/chartGrid';
import { SeriesStore } from '../../src/features/metrics/core/seriesStore';
import { finish } from '../../src/platform/inventory/steps';
import { reading, target } from '../features/metrics/unit/readings';

const hour = 3_600;

it('a counter of 1,000 hosts, read each second for an hour and a half, takes the memory of an hour', () => {
  const store = new SeriesStore();
  const hosts = Array.from({ length: 1_000 }, (_, index) => target(`web-${index}`));
  const counter = { name: 'requests_total', labels: [], kind: 'counter' } as const;
  const used = () => process.memoryUsage().arrayBuffers / 1024 ** 2;
  const before = used();
  const read = (from: number, to: number) => {
    for (let second = from; second < to; second++)
      for (const [index, host] of hosts.entries())
        store.add(host, reading([{ ...counter, value: second * index }], { at: second * 1_000 }));
  };
  read(0, hour);
  const afterAnHour = used() - before;
  read(hour, 1.5 * hour);
  // 25 bytes for each point: when it was, the rate, the count, and whether there is one.
  expect(afterAnHour).toBeLessThan(110);
  expect(used() - before).toBeLessThanOrEqual(afterAnHour + 1);
  const grid = { from: 0.5 * hour * 1_000, to: 1.5 * hour * 1_000, buckets: 600 };
  const visits = store.all().map(
    ({ id }): Visit =>
      (visitor) =>
        store.visit(id, grid.from, false, visitor),
  );
  const band = finish(
    bandOf(
      visits.map((visit) => ({ visit, holdMs: 2_500 })),
      grid,
    ),
  );
  expect(new Set(band.min.values)).toEqual(new Set([0]));
  expect(new Set(band.median.values)).toEqual(new Set([499.5]));
  expect(new Set(band.max.values)).toEqual(new Set([999]));
});
