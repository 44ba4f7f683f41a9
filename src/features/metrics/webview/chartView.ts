import uPlot from 'uplot';
import { element } from '../../../shell/webview/element';
import { label } from '../../../shell/webview/label';
import { setText } from '../../../shell/webview/setText';
import type { ChartFrame, FromMetrics, MetricsFrame, MetricsWords } from '../protocol/metricsPanel';
import { alignedData } from './alignedData';
import { legendTable } from './legendTable';
import { valueScale } from './valueScale';

const height = 180;
/** Charts of one page move their crosshairs together. */
const together = 'metrics';
/** Of the page's style sheet, which has them for each theme. */
const colourCount = 6;
/** Lines of one colour differ in their dashes. */
const dashes = [[], [6, 4], [2, 3], [10, 4, 2, 4]];

/** One chart: its head, its lines, and the legend with the present values. */
export class ChartView {
  private readonly title = element('h2');
  private readonly unit = element('span', { class: 'unit' });
  private readonly at = element('span', { class: 'at', 'aria-live': 'polite' });
  private readonly mode: HTMLSelectElement;
  private readonly figure: HTMLSelectElement;
  private readonly canvas = element('div', { class: 'plot', tabindex: '0', role: 'img' });
  private readonly legend = element('div', { class: 'legend' });
  private readonly more = element('p', { class: 'more' });
  readonly root: HTMLElement;
  private plot: uPlot | undefined;
  private drawn = '';
  private chart: ChartFrame | undefined;
  private frame: MetricsFrame | undefined;
  /** Where a range begins that is chosen with the keyboard. */
  private anchor: number | undefined;

  constructor(
    private readonly index: number,
    private readonly words: MetricsWords,
    private readonly send: (message: FromMetrics) => void,
  ) {
    const choice = (name: string, options: Record<string, string>) =>
      element(
        'select',
        { 'aria-label': name },
        ...Object.entries(options).map(([value, text]) => element('option', { value }, text)),
      );
    this.mode = choice(words.mode, { lines: words.lines, band: words.band });
    this.figure = choice(words.columns.value, { rate: words.rate, counter: words.counter });
    for (const select of [this.mode, this.figure]) select.addEventListener('change', () => this.look());
    const save = element('vscode-toolbar-button', { icon: 'device-camera', class: 'png' });
    label(save, words.exportPng);
    save.addEventListener('click', () => this.save());
    const close = element('vscode-toolbar-button', { icon: 'close', class: 'remove' });
    label(close, words.removeChart);
    close.addEventListener('click', () => send({ type: 'removeChart', chart: index }));
    const head = element(
      'div',
      { class: 'head' },
      ...[this.title, this.unit, this.at, element('span', { class: 'spring' })],
      ...[this.mode, this.figure, save, close],
    );
    this.canvas.setAttribute('aria-describedby', 'keyboard');
    this.canvas.addEventListener('keydown', (event) => this.keyDown(event));
    this.canvas.addEventListener('dblclick', () => send({ type: 'zoom' }));
    this.root = element('section', { class: 'chart' }, head, this.canvas, this.more, this.legend);
  }

  show(chart: ChartFrame, frame: MetricsFrame): void {
    this.chart = chart;
    this.frame = frame;
    setText(this.title, chart.title);
    setText(this.unit, chart.unit);
    setText(this.more, chart.more);
    this.more.hidden = chart.more === '';
    this.mode.value = chart.mode;
    this.figure.value = chart.asCounter ? 'counter' : 'rate';
    this.figure.hidden = !chart.canCount;
    this.canvas.setAttribute('aria-label', chart.summary);
    this.root.setAttribute('aria-label', chart.title);
    this.draw(chart, frame);
    legendTable(this.legend, chart, this.words, {
      colourOf: (number) => this.colour(number),
      act: (action, id) =>
        this.send(
          action === 'logs'
            ? { type: 'logs', chart: this.index, id, at: this.time() ?? Date.now() }
            : { type: action, chart: this.index, id },
        ),
    });
    this.showTime();
  }

  resize(): void {
    this.plot?.setSize({ width: this.width, height });
  }

  /** The next frame is drawn anew, as in other colours. */
  renew(): void {
    this.drawn = '';
  }

  dispose(): void {
    this.plot?.destroy();
    this.root.remove();
  }

  /** The time at the crosshair, in ms since 1970; undefined without one. */
  private time(): number | undefined {
    const { idx } = this.plot?.cursor ?? {};
    const seconds = idx === null || idx === undefined ? undefined : this.plot!.data[0][idx];
    return seconds === undefined ? undefined : seconds * 1000;
  }

  private get width(): number {
    return Math.max(200, this.canvas.clientWidth);
  }

  private draw(chart: ChartFrame, frame: MetricsFrame): void {
    const data = alignedData(frame, chart.series);
    const shape = JSON.stringify([chart.source, chart.name, chart.series.map(({ id, kind }) => [id, kind])]);
    if (shape === this.drawn && this.plot) {
      this.plot.setData(data, false);
      this.plot.setScale('x', { min: frame.from / 1000, max: frame.to / 1000 });
      return;
    }
    this.drawn = shape;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(chart), data, this.canvas);
    this.plot.setScale('x', { min: frame.from / 1000, max: frame.to / 1000 });
  }

  private options({ series, mode }: ChartFrame): uPlot.Options {
    const style = getComputedStyle(document.body);
    const text = style.getPropertyValue('--vscode-foreground') || style.color;
    const line = style.getPropertyValue('--grid') || text;
    const font = `11px ${style.fontFamily}`;
    const axis = { stroke: text, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const fill = (index: number) =>
      `color-mix(in srgb, ${this.colour(series[index]!.colour)} 18%, transparent)`;
    return {
      ...{ width: this.width, height, legend: { show: false } },
      scales: {
        x: { time: true, range: () => [this.frame!.from / 1000, this.frame!.to / 1000] },
        y: {
          range: (_, least: number | null, greatest: number | null) => {
            const { canCount, asCounter } = this.chart!;
            return valueScale(least, greatest, canCount && !asCounter);
          },
        },
      },
      axes: [
        { ...axis, space: 90, values: (_, splits) => splits.map((seconds) => clock(seconds * 1000)) },
        { ...axis, size: 64, values: (_, splits) => splits.map((value) => figure(value)) },
      ],
      cursor: {
        sync: { key: together, setSeries: false },
        drag: { x: true, y: false, setScale: false },
        points: { show: false },
      },
      series: [
        {},
        ...series.map(({ colour, kind }): uPlot.Series => ({
          stroke: this.colour(colour),
          width: kind === 'line' || kind === 'median' ? 1.5 : 0.5,
          dash: dashes[Math.floor(colour / colourCount) % dashes.length]!,
          points: { show: false, size: 4, fill: this.colour(colour), filter: lonePoints },
          spanGaps: false,
        })),
      ],
      bands:
        mode === 'band'
          ? series.flatMap(({ kind }, index) =>
              // The least comes after the greatest of the same band.
              kind === 'max'
                ? [{ series: [index + 1, index + 2] as [number, number], fill: fill(index) }]
                : [],
            )
          : [],
      hooks: {
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < 4) return;
            this.zoom(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        setCursor: [() => this.showTime()],
      },
    };
  }

  private colour(number: number): string {
    const style = getComputedStyle(document.body);
    return style.getPropertyValue(`--line-${number % colourCount}`) || style.color;
  }

  private look(): void {
    const mode = this.mode.value === 'band' ? 'band' : 'lines';
    const asCounter = this.figure.value === 'counter';
    this.send({ type: 'look', chart: this.index, mode, asCounter });
  }

  private zoom(from: number, to: number): void {
    if (to > from) this.send({ type: 'zoom', range: { from, to } });
  }

  /** The values where the crosshair is, and the present ones where there is none. */
  private showTime(): void {
    const { plot, chart } = this;
    const time = this.time();
    setText(this.at, time === undefined ? '' : this.words.at.replace('{0}', clock(time)));
    if (!plot || !chart) return;
    chart.series.forEach(({ id, kind }, index) => {
      if (kind !== 'line' && kind !== 'median') return;
      const cell = [...this.legend.querySelectorAll<HTMLElement>('[data-value]')].find(
        ({ dataset }) => dataset['value'] === id,
      );
      if (!cell) return;
      const now = chart.legend.find((row) => row.id === id)?.value ?? '';
      const value = time === undefined ? undefined : nearest(plot.data[index + 1]!, plot.cursor.idx!);
      setText(cell, time === undefined ? now : value === undefined ? '—' : figure(value));
    });
  }

  private keyDown(event: KeyboardEvent): void {
    const { plot } = this;
    if (!plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const [times] = plot.data;
    const { length } = times;
    const idx = plot.cursor.idx ?? length - 1;
    const places: Record<string, number> = {
      ...{ ArrowLeft: Math.max(0, idx - 1), ArrowRight: Math.min(length - 1, idx + 1) },
      ...{ Home: 0, End: length - 1 },
    };
    const place = places[event.key];
    if (event.key === 'Escape') this.send({ type: 'zoom' });
    else if (event.key === 'Enter' && this.anchor !== undefined) {
      const [from, to] = [this.anchor, times[idx]!].sort((a, b) => a - b);
      this.zoom(from! * 1000, to! * 1000);
      this.anchor = undefined;
    } else if (place !== undefined && length > 0) {
      this.anchor = event.shiftKey ? (this.anchor ?? times[idx]) : undefined;
      plot.setCursor({ left: plot.valToPos(times[place]!, 'x'), top: height / 4 });
    } else return;
    event.preventDefault();
  }

  private save(): void {
    const canvas = this.plot?.ctx.canvas;
    if (!canvas) return;
    const copy = element('canvas', { width: String(canvas.width), height: String(canvas.height) });
    const context = copy.getContext('2d');
    if (!context) return;
    // The page's own background, which the plot does not have.
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(canvas, 0, 0);
    const png = copy.toDataURL('image/png').replace(/^data:image\/png;base64,/, '');
    this.send({ type: 'exportPng', chart: this.index, png });
  }
}

/** The points that no line leads to or from, which only a dot shows. */
export function lonePoints({ data }: Pick<uPlot, 'data'>, series: number): number[] {
  const values = data[series]!;
  const lone: number[] = [];
  let run: number[] = [];
  const end = () => {
    if (run.length === 1) lone.push(run[0]!);
    run = [];
  };
  for (let at = 0; at < values.length; at++)
    if (values[at] === null) end();
    else if (values[at] !== undefined) run.push(at);
  end();
  return lone;
}

/** The value at a place, or the last one before it if there is no gap between. */
function nearest(values: ArrayLike<number | null | undefined>, place: number): number | undefined {
  for (let at = place; at >= 0; at--) {
    const value = values[at];
    if (value === null) return undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

const language = () => document.documentElement.lang || undefined;

const clock = (ms: number) => new Date(ms).toLocaleTimeString(language(), { hour12: false });

const figure = (value: number) =>
  new Intl.NumberFormat(language(), { notation: 'compact', maximumSignificantDigits: 4 }).format(value);
