import { expect, it } from 'vitest';
import type { ChartFrame } from '../../../../src/features/metrics/protocol/metricsPanel';
import { alignedData } from '../../../../src/features/metrics/webview/alignedData';
import { legendTable } from '../../../../src/features/metrics/webview/legendTable';
import { metricsWords } from '../../../../src/features/metrics/editor/panel/metricsWords';

const words = metricsWords();
const row = (host: string, value: string, note = '') => ({
  ...{ id: host, host, label: host, value, note, standsOut: note !== '', isPinned: false, colour: 0 },
});
const chart = (...legend: ChartFrame['legend']): ChartFrame => ({
  ...{ source: 'app', name: 'load', mode: 'lines', asCounter: false, title: 'load', unit: '' },
  ...{ canCount: false, summary: '', series: [], legend, more: '' },
});

it('A line goes on where it has no point, and is interrupted at a gap', () => {
  const grid = { from: 0, to: 9_000, buckets: 3 };
  const traces = [
    { places: [0, 6], values: [1, 2] },
    { places: [3, 5], values: [7, null] },
  ];
  expect(alignedData(grid, traces)).toEqual([
    [0, 3, 5, 6],
    [1, undefined, undefined, 2],
    [undefined, 7, null, undefined],
  ]);
});

it('The legend is a table of the values, whose buttons name host and action and stay while values change', () => {
  const place = document.createElement('div');
  const acts: string[] = [];
  const ports = { colourOf: () => 'red', act: (...act: string[]) => void acts.push(act.join(' ')) };
  legendTable(place, chart(row('web-2', '9', 'stands out'), row('<b>web-1', '1')), words, ports);
  const textOf = () => [...place.querySelectorAll('tbody tr')].map(({ textContent }) => textContent);
  expect(textOf()).toEqual(['web-29stands out', '<b>web-11']);
  expect(place.querySelector('table')!.getAttribute('aria-label')).toBe('load');
  const button = place.querySelector<HTMLElement>('.logs')!;
  expect(button.title).toBe('Open Logs at This Time: web-2');
  button.click();
  legendTable(place, chart(row('web-2', 'absent', 'refused'), row('<b>web-1', '2')), words, ports);
  expect(textOf()).toEqual(['web-2absentrefused', '<b>web-12']);
  expect(place.querySelector('.logs')).toBe(button);
  expect(acts).toEqual(['logs web-2']);
});

it('The legend of bands has no actions, since these are of one host', () => {
  const place = document.createElement('div');
  const band = { ...row('', '1 … 2 … 3'), id: '', host: undefined, label: '3 hosts' };
  legendTable(place, chart(band), words, { colourOf: () => 'red', act: () => {} });
  expect([...place.querySelectorAll('thead th')].map(({ textContent }) => textContent)).toEqual([
    ...[words.columns.series, words.columns.value, words.columns.note],
  ]);
  expect(place.querySelectorAll('tbody tr > *')).toHaveLength(3);
});
