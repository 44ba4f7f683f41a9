import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { metricsWords } from '../../../../src/features/metrics/editor/panel/metricsWords';
import type {
  ChartFrame,
  FromMetrics,
  MetricsFrame,
} from '../../../../src/features/metrics/protocol/metricsPanel';
import { lonePoints } from '../../../../src/features/metrics/webview/chartView';
import { MetricsPage } from '../../../../src/features/metrics/webview/metricsPage';
import { nextFrame } from '../../../shell/webview/layout';
import { takeSent } from '../../../shell/webview/panelTalk';

const begin = Date.UTC(2026, 11, 2, 12);
const chart: ChartFrame = {
  ...{ source: 'app', name: 'load', mode: 'lines', asCounter: false, title: 'load', unit: '' },
  ...{ canCount: false, summary: 'load (app): 2 lines', more: '' },
  series: [
    { id: 'a', kind: 'line', colour: 0, places: [0, 3, 6, 9], values: [1, 2, 3, 4] },
    { id: 'b', kind: 'line', colour: 1, places: [0, 3, 9], values: [5, null, 7] },
  ],
  legend: ['a', 'b'].map((id) => ({
    ...{ id, host: `web-${id}`, label: `web-${id}`, value: `now ${id}`, note: '', standsOut: false },
    ...{ isPinned: id === 'b', colour: 0 },
  })),
};
const frame: MetricsFrame = {
  ...{ generation: 0, first: 0, end: 0, from: begin, to: begin + 9_000, buckets: 3, rangeMs: 300_000 },
  ...{ isZoomed: false, tone: 'info', state: 'Following 2 of 2 sources', failures: [], empty: '' },
  charts: [chart, { ...chart, name: 'requests', title: 'requests', canCount: true }],
};

describe('The page of metrics', () => {
  let sent: FromMetrics[];
  let page: MetricsPage;
  beforeEach(() => {
    sent = [];
    page = new MetricsPage(
      { words: metricsWords(), state: { inventory: 'i', selector: '*', hosts: [] } },
      (message) => sent.push(message),
    );
    document.body.replaceChildren(...page.parts);
    page.begin();
  });

  const show = async (change: Partial<MetricsFrame> = {}) => {
    page.take({ type: 'tick', status: { ...frame, ...change }, newest: [] });
    // The plot draws after the script that gave it its data.
    await nextFrame();
  };
  const all = <Found extends HTMLElement = HTMLElement>(selector: string) => [
    ...document.querySelectorAll<Found>(selector),
  ];
  const key = (name: string, more: KeyboardEventInit = {}) =>
    all('.plot')[0]!.dispatchEvent(new KeyboardEvent('keydown', { key: name, cancelable: true, ...more }));

  it('draws a chart for each, with its summary, and drops those that are removed', async () => {
    await show();
    expect(all('.chart').map((one) => one.getAttribute('aria-label'))).toEqual(['load', 'requests']);
    expect(all('.plot .u-over')).toHaveLength(2);
    expect(all('.plot')[0]!.getAttribute('aria-label')).toBe('load (app): 2 lines');
    expect(all<HTMLSelectElement>('.head select').map(({ hidden }) => hidden)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    await show({ charts: [frame.charts[1]!] });
    expect(all('h2').map(({ textContent }) => textContent)).toEqual(['requests']);
    expect(all('.plot .u-over')).toHaveLength(1);
  });

  it('keeps its plot while values change, and says why a source has none', async () => {
    await show();
    const [plot] = all('.u-over');
    await show({ failures: [{ source: 'web-a · app', reason: '<b>refused' }], tone: 'warning' });
    expect(all('.u-over')[0]).toBe(plot);
    expect(all('.failures li').map(({ textContent }) => textContent)).toEqual(['web-a · app: <b>refused']);
    await show();
    expect(all('.failures')[0]!.hidden).toBe(true);
  });

  it('moves the crosshair with the keyboard: values at its time, a gap where there is none', async () => {
    await show();
    const values = () => all('.chart')[0]!.querySelectorAll('.value');
    const texts = () => [...values()].map(({ textContent }) => textContent);
    expect(texts()).toEqual(['now a', 'now b']);
    key('Home');
    expect(texts()).toEqual(['1', '5']);
    key('ArrowRight');
    expect(texts()).toEqual(['2', '—']);
    expect(all('.at')[0]!.textContent).toMatch(/^At .*\d:\d\d:03/);
    key('End');
    expect(texts()).toEqual(['4', '7']);
  });

  it('opens the logs of a host at the time of the crosshair', async () => {
    await show();
    key('Home');
    key('ArrowRight');
    all('.logs')[0]!.click();
    expect(takeSent(sent, 'logs')).toEqual([{ type: 'logs', chart: 0, id: 'a', at: begin + 3_000 }]);
    all('.capture')[1]!.click();
    expect(takeSent(sent, 'capture')).toEqual([{ type: 'capture', chart: 0, id: 'b' }]);
  });

  it('pins a series, and says which are pinned', async () => {
    await show();
    const titles = () => all('.pin').map(({ title }) => title);
    expect(titles().slice(0, 2)).toEqual(['Pin Series: web-a', 'Unpin Series: web-b']);
    const [button] = all('.pin');
    button!.click();
    expect(takeSent(sent, 'pin')).toEqual([{ type: 'pin', chart: 0, id: 'a' }]);
    const legend = chart.legend.map((row) => ({ ...row, isPinned: true }));
    await show({ charts: [{ ...chart, legend }] });
    expect(titles()).toEqual(['Unpin Series: web-a', 'Unpin Series: web-b']);
    expect(all('.pin')[0]).toBe(button);
  });

  it('zooms into what Shift and the arrows chose, and Escape resets it', async () => {
    await show();
    key('Home');
    key('ArrowRight', { shiftKey: true });
    key('ArrowRight', { shiftKey: true });
    key('Enter');
    key('Escape');
    expect(takeSent(sent, 'zoom')).toEqual([
      { type: 'zoom', range: { from: begin, to: begin + 6_000 } },
      { type: 'zoom' },
    ]);
    await show({ isZoomed: true });
    expect(all('.reset')[0]!.hidden).toBe(false);
  });

  it('saves the picture of a chart, asks for CSV, and changes how a chart is drawn', async () => {
    await show();
    all('.png')[1]!.click();
    expect(takeSent(sent, 'exportPng')).toEqual([{ type: 'exportPng', chart: 1, png: 'iVBORw0KGgo=' }]);
    all('.export')[0]!.click();
    expect(takeSent(sent, 'exportCsv')).toHaveLength(1);
    const [mode] = all<HTMLSelectElement>('.head select');
    mode!.value = 'band';
    mode!.dispatchEvent(new Event('change'));
    expect(takeSent(sent, 'look')).toEqual([{ type: 'look', chart: 0, mode: 'band', asCounter: false }]);
  });
});

it('grafana/grafana#35426: a point between two gaps is a dot, as no line leads to it', () => {
  const data = [
    [0, 1, 2, 3, 4, 5, 6],
    [1, null, 2, null, 3, undefined, 4],
  ] as [number[], (number | null)[]];
  expect(lonePoints({ data }, 1)).toEqual([0, 2]);
});

describe('The colours of lines', () => {
  const css = readFileSync('src/features/metrics/webview/page.css', 'utf8');
  const backgrounds: [string, string][] = [
    ['body', '#1f1f1f'],
    ['body.vscode-light', '#ffffff'],
    ['body.vscode-high-contrast-light', '#ffffff'],
  ];

  it.each(backgrounds)(
    'that are the own ones of %s have a contrast of 3 or more to the page',
    (rule, background) => {
      const [, body = ''] = new RegExp(`^${rule.replaceAll('.', '\\.')} \\{([^}]*)\\}`, 'm').exec(css) ?? [];
      const own = [...body.matchAll(/--line-\d: (#[0-9a-f]{6});/g)].map(([, colour]) => colour!);
      expect(own.length).toBeGreaterThan(0);
      for (const colour of own) expect(contrast(colour, background), colour).toBeGreaterThanOrEqual(3);
    },
  );
});

/** As WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}
