import { describe, expect, it } from 'vitest';
import { traceOf } from '../../../../src/features/metrics/core/chart/chartGrid';
import { chartLines } from '../../../../src/features/metrics/core/chart/chartLines';
import { SeriesStore } from '../../../../src/features/metrics/core/seriesStore';
import { csvOf } from '../../../../src/features/metrics/editor/panel/exportMetrics';
import { reading, target } from './readings';

// What users of other charts have reported, with what is right.
const chart = { source: 'app', name: 'load', mode: 'lines', asCounter: false } as const;
const load = (value: number, of = 'a') => ({
  ...{ name: 'load', labels: [{ name: 'of', value: of }], kind: 'gauge' as const, value },
});

/** A store with one gauge, a value a second. */
function stored(...values: number[]): SeriesStore {
  const store = new SeriesStore();
  values.forEach((value, at) => store.add(target('web'), reading([load(value)], { at: at * 1_000 })));
  return store;
}

function traced(store: SeriesStore, seconds: number) {
  const [series] = store.all();
  const grid = { from: 0, to: seconds * 1_000, buckets: seconds };
  return traceOf((visitor) => store.visit(series!.id, 0, false, visitor), grid).values;
}

describe('gaps', () => {
  it('leeoniya/uPlot#996: NaN reaches the plot as null, which alone interrupts a line there', () => {
    const values = traced(stored(20, 2, NaN, 22, 13, NaN, 20, 2, NaN, 22, 13), 12);
    expect(values).toEqual([20, 2, null, 22, 13, null, 20, 2, null, 22, 13]);
  });

  it('grafana/grafana#54857: a NaN that an exporter says is not drawn as 0', () => {
    expect(traced(stored(65, 64, NaN, NaN, 64), 6)).toEqual([65, 64, null, null, 64]);
  });

  it('prometheus/prometheus#594: a line goes on after a NaN, and has its present value', () => {
    const store = stored(1, NaN, 1, 0.5);
    expect(traced(store, 5)).toEqual([1, null, 1, 0.5]);
    expect(chartLines(store, chart)).toMatchObject([{ value: 0.5, gap: undefined }]);
  });
});

describe('CSV', () => {
  const rows = (store: SeriesStore) => [...csvOf(store, [chart], { from: 0, to: 9_000 })].join('');

  it('grafana/grafana#18177: negative numbers stay numbers', () => {
    expect(rows(stored(1, -2))).toMatch(/,gauge,1,,\n.*,gauge,-2,,\n$/);
  });

  it('grafana/grafana#106375: is written where values are missing, which are not 0', () => {
    const store = stored(1);
    store.addGap(target('web'), 1_000);
    store.add(target('web'), reading([load(0)], { at: 2_000 }));
    expect(rows(store)).toMatch(/,gauge,1,,\n.*,gauge,absent,,\n.*,gauge,0,,\n$/);
  });
});

it('grafana/grafana#94044: a line keeps its colour when others come, go or stand out', () => {
  const store = new SeriesStore();
  const places = () =>
    Object.fromEntries(chartLines(store, chart).map(({ labels, place }) => [labels, place]));
  store.add(target('web'), reading([load(1, 'a'), load(2, 'b')], { at: 0 }));
  expect(places()).toEqual({ '{of="a"}': 0, '{of="b"}': 1 });
  store.add(target('web'), reading([load(9, 'c'), load(2, 'b')], { at: 1_000 }));
  expect(places()).toEqual({ '{of="a"}': 0, '{of="b"}': 1, '{of="c"}': 2 });
});
