import { describe, expect, it } from 'vitest';
import { SeriesStore } from '../../../../src/features/metrics/core/seriesStore';
import { chartFrame } from '../../../../src/features/metrics/editor/panel/chartFrame';
import { csvOf } from '../../../../src/features/metrics/editor/panel/exportMetrics';
import { KnownSeries } from '../../../../src/features/metrics/editor/panel/knownSeries';
import { metricsRequests, readLayout } from '../../../../src/features/metrics/editor/panel/metricsRequests';
import type { ChartLayout } from '../../../../src/features/metrics/protocol/metricsPanel';
import { finish } from '../../../../src/platform/inventory/steps';
import { reading, target } from './readings';

const gauge = (name: string, value: number, host = '') => ({
  ...{ name, labels: host === '' ? [] : [{ name: 'of', value: host }], kind: 'gauge' as const, value },
});
const chart: ChartLayout = { source: 'app', name: 'load', mode: 'lines', asCounter: false };

describe('the layout of charts', () => {
  it('is what the workspace keeps, and none if that makes no sense', () => {
    const layout = { charts: [chart], rangeMs: 60_000 };
    expect(readLayout(layout)).toEqual(layout);
    for (const broken of [undefined, {}, { ...layout, rangeMs: 1 }, { ...layout, charts: [{ name: 'x' }] }])
      expect(readLayout(broken)).toEqual({ charts: [], rangeMs: 300_000 });
  });

  it('begins with what says most, in the order in which it says it', () => {
    const known = new KnownSeries();
    for (const name of ['a', 'process_cpu_seconds_total', 'b', 'node_load1', 'c'])
      known.add(gauge(name, 1), target('web'));
    expect(known.first().map(({ name }) => name)).toEqual(['node_load1', 'process_cpu_seconds_total', 'a']);
  });
});

describe('what a page asks', () => {
  it('is refused where it is no range, no picture or no chart', () => {
    const { zoom, exportPng, removeChart, size } = metricsRequests;
    expect(zoom.safeParse({ range: { from: 2, to: 1 } }).success).toBe(false);
    expect(zoom.safeParse({ range: { from: 1, to: Infinity } }).success).toBe(false);
    expect(zoom.safeParse({}).success).toBe(true);
    expect(exportPng.safeParse({ chart: 0, png: '<svg>' }).success).toBe(false);
    expect(removeChart.safeParse({ chart: -1 }).success).toBe(false);
    expect(size.safeParse({ buckets: 1e9 }).success).toBe(false);
  });
});

describe('an export as CSV', () => {
  it('has all points of what is shown, and nothing that a spreadsheet calculates', () => {
    const store = new SeriesStore();
    store.add(target('web'), reading([gauge('load', 1), gauge('other', 5)], { at: 1_000 }));
    store.add(target('db'), reading([gauge('=load', 3)], { at: 1_000 }));
    store.addGap(target('web'), 2_000);
    const hostile = { ...chart, name: '=load' };
    expect([...csvOf(store, [chart, hostile], { from: 0, to: 5_000 })].join('')).toBe(
      [
        'time,host,source,series,kind,value,rate,unit',
        '1970-01-01T00:00:01.000Z,web,app,load,gauge,1,,',
        '1970-01-01T00:00:02.000Z,web,app,load,gauge,absent,,',
        "1970-01-01T00:00:01.000Z,db,app,'=load,gauge,3,,",
        '',
      ].join('\n'),
    );
  });
});

describe('a chart as its page is told of it', () => {
  const grid = { from: 0, to: 10_000, buckets: 10 };
  const ports = { grid, intervalOf: () => 1_000, failureOf: () => undefined, isPinned: () => false };

  it('says a reason where a host has no value, and never 0', () => {
    const store = new SeriesStore();
    store.add(target('web'), reading([gauge('load', 4)], { at: 1_000 }));
    store.addGap(target('web'), 2_000);
    const { legend, series, summary } = finish(
      chartFrame(chart, { ...ports, store, failureOf: () => 'refused' }),
    );
    expect(legend).toMatchObject([{ label: 'web', value: 'absent', note: 'refused' }]);
    expect(series).toMatchObject([{ places: [3, 8], values: [4, null] }]);
    expect(summary).toBe('load (app): no value now');
  });

  it('says that no value was read, where none was', () => {
    const { legend, more } = finish(chartFrame(chart, { ...ports, store: new SeriesStore() }));
    expect({ legend, more }).toEqual({ legend: [], more: 'No value of this series has been read.' });
  });

  it('draws 40 of a thousand lines, and says so', () => {
    const store = new SeriesStore();
    const many = Array.from({ length: 1_000 }, (_, index) => gauge('load', index, String(index)));
    store.add(target('web'), reading(many, { at: 1_000 }));
    const { legend, series, more } = finish(chartFrame(chart, { ...ports, store }));
    expect([series.length, legend.length]).toEqual([40, 200]);
    expect(more).toBe('40 of 1000 lines are drawn: those that stand out most.');
  });
});
