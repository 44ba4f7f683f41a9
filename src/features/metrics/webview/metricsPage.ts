import { element } from '../../../shell/webview/element';
import { label } from '../../../shell/webview/label';
import type { Page } from '../../../shell/webview/openPage';
import { setText } from '../../../shell/webview/setText';
import {
  type FromMetrics,
  type MetricsBeginning,
  type MetricsFrame,
  type MetricsWords,
  ranges,
  type ToMetrics,
} from '../protocol/metricsPanel';
import { ChartView } from './chartView';

/** All of the page: what is shown, how it goes with the sources, and the charts. */
export class MetricsPage implements Page<ToMetrics> {
  private readonly words: MetricsWords;
  private readonly range: HTMLSelectElement;
  private readonly reset = element('vscode-toolbar-button', { icon: 'zoom-out', class: 'reset' });
  private readonly state = element('span', { class: 'state', role: 'status' });
  private readonly failures = element('ul', { class: 'failures' });
  private readonly charts = element('div', { class: 'charts' });
  private readonly empty = element('p', { class: 'nothing' });
  private readonly toolbar: HTMLElement;
  private views: ChartView[] = [];
  private frame: MetricsFrame | undefined;

  constructor(
    { words }: MetricsBeginning,
    private readonly send: (message: FromMetrics) => void,
  ) {
    this.words = words;
    this.range = element(
      'select',
      { class: 'range', 'aria-label': words.range },
      ...ranges.map((ms, index) => element('option', { value: String(ms) }, words.ranges[index]!)),
    );
    this.range.addEventListener('change', () => send({ type: 'range', rangeMs: Number(this.range.value) }));
    label(this.reset, words.resetZoom);
    this.reset.hidden = true;
    this.reset.addEventListener('click', () => send({ type: 'zoom' }));
    const add = element('vscode-toolbar-button', { icon: 'add', class: 'add' });
    label(add, words.addChart);
    add.addEventListener('click', () => send({ type: 'addChart' }));
    const save = element('vscode-toolbar-button', { icon: 'export', class: 'export' });
    label(save, words.exportCsv);
    save.addEventListener('click', () => send({ type: 'exportCsv' }));
    this.toolbar = element(
      'div',
      { class: 'toolbar', role: 'toolbar' },
      ...[this.range, this.reset, element('span', { class: 'spring' }), add, save],
    );
    this.failures.setAttribute('aria-label', words.failures);
  }

  get parts(): HTMLElement[] {
    const keyboard = element('div', { id: 'keyboard', class: 'unseen' }, this.words.keyboard);
    const status = element('div', { class: 'status' }, this.state);
    return [this.toolbar, status, this.failures, this.empty, this.charts, keyboard];
  }

  begin(): void {
    new ResizeObserver(() => this.size()).observe(this.charts);
    // Colours are those of the theme, which the body's class says.
    new MutationObserver(() => this.recolour()).observe(document.body, { attributeFilter: ['class'] });
    this.size();
    this.send({ type: 'drawn', newest: 0 });
  }

  take(message: Exclude<ToMetrics, { type: 'begin' }>): void {
    if (message.type !== 'tick') return;
    this.show(message.status);
    this.send({ type: 'drawn', newest: 0 });
  }

  private show(frame: MetricsFrame): void {
    this.frame = frame;
    this.range.value = String(frame.rangeMs);
    this.reset.hidden = !frame.isZoomed;
    this.state.className = `state ${frame.tone}`;
    setText(this.state, frame.state);
    this.showFailures(frame);
    setText(this.empty, frame.empty);
    this.empty.hidden = frame.empty === '';
    while (this.views.length > frame.charts.length) this.views.pop()!.dispose();
    frame.charts.forEach((chart, index) => {
      const view = (this.views[index] ??= this.view(index));
      view.show(chart, frame);
    });
  }

  private showFailures({ failures }: MetricsFrame): void {
    const texts = failures.map(({ source, reason }) => `${source}: ${reason}`);
    const shown = [...this.failures.children].map(({ textContent }) => textContent);
    if (texts.join('\n') !== shown.join('\n'))
      this.failures.replaceChildren(...texts.map((text) => element('li', {}, text)));
    this.failures.hidden = texts.length === 0;
  }

  private view(index: number): ChartView {
    const view = new ChartView(index, this.words, this.send);
    this.charts.append(view.root);
    return view;
  }

  private size(): void {
    const buckets = Math.min(2000, Math.max(10, Math.floor(this.charts.clientWidth) - 80));
    this.send({ type: 'size', buckets });
    for (const view of this.views) view.resize();
  }

  private recolour(): void {
    for (const view of this.views) view.renew();
    if (this.frame) this.show(this.frame);
  }
}
