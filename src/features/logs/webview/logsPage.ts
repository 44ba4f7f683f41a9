import type {
  FromLogs,
  LegendSource,
  LineAction,
  LogLook,
  LogRow,
  LogsBeginning,
  LogStatus,
  LogView,
  LogWords,
  ToLogs,
} from '../protocol/logsPanel';
import { AnchoredViewport } from '../../../shell/webview/grid/anchoredViewport';
import { VirtualGrid } from '../../../shell/webview/grid/virtualGrid';
import { element } from '../../../shell/webview/element';
import type { Page } from '../../../shell/webview/openPage';
import { setText } from '../../../shell/webview/setText';
import { fill, Histogram } from './histogram';
import { Legend } from './legend';
import { logRows } from './logColumns';
import { isoText } from './timeText';
import { Toolbar } from './toolbar';

/** Pixels; the style sheet has the same. */
const rowHeight = 20;
/** Milliseconds between two histograms, at least. */
const histogramMs = 1000;

/** What a key does with the chosen lines. */
const keys: Record<string, LineAction> = {
  ...{
    b: 'bookmark',
    c: 'copy',
    e: 'openInEditor',
    f: 'filterField',
    h: 'onlyHost',
    p: 'pin',
    t: 'correlate',
  },
  ...{ enter: 'openFrame' },
};

/** All of the page. */
export class LogsPage implements Page<ToLogs> {
  private readonly words: LogWords;
  private readonly viewport = new AnchoredViewport(rowHeight);
  readonly grid: VirtualGrid<LogRow>;
  private readonly toolbar: Toolbar;
  private readonly legend: Legend;
  private readonly histogram: Histogram;
  private readonly state = element('span', { class: 'state', role: 'status' });
  private readonly count = element('span', { class: 'count' });
  private readonly waiting = element('span', { class: 'waiting', role: 'status' });
  private readonly dropped = element('span', { class: 'dropped' });
  private readonly progress = element('span', { class: 'progress' });
  private readonly pinned = element('span', { class: 'pinned', role: 'status' });
  private readonly chips = element('span', { class: 'chips' });
  private readonly empty = element('div', { class: 'empty' });
  private readonly newLines = element('button', { class: 'new-lines' });
  private view: LogView;
  private look: LogLook;
  private sources: readonly LegendSource[];
  /** When one was last asked for, of this view. */
  private histogramAt = -Infinity;
  private waitsForHistogram = false;

  constructor(
    begin: LogsBeginning,
    private readonly send: (message: FromLogs) => void,
  ) {
    const { words } = begin;
    this.words = words;
    this.view = begin.view;
    this.look = begin.look;
    this.sources = begin.legend;
    this.toolbar = new Toolbar(words, {
      change: (view) => this.changeView(view),
      find: (direction) => this.find('match', direction),
      send,
    });
    this.legend = new Legend(words, (hidden) => this.changeView(hidden));
    this.histogram = new Histogram(words, {
      zoom: (range) => this.changeView({ from: range?.from, to: range?.to }),
    });
    this.grid = new VirtualGrid<LogRow>({
      viewport: this.viewport,
      adapter: logRows(this.context),
      label: words.rows,
      isMultiselectable: true,
      post: send,
      key: (row, event) => this.lineKey(row, event),
      changed: () => this.changed(),
    });
    this.grid.view.addEventListener('click', ({ target }) => {
      const frame = target instanceof Element ? target.closest('.frame') : null;
      if (frame && this.grid.selectedRow) this.act('openFrame', this.grid.selectedRow);
    });
    this.newLines.addEventListener('click', () => {
      this.grid.follow();
      this.grid.focus();
    });
    document.body.dataset['vscodeContext'] = JSON.stringify({
      musterLogs: begin.panel,
      preventDefaultContextMenuItems: true,
    });
    document.addEventListener('keydown', (event) => this.keyDown(event));
    document.addEventListener('copy', (event) => this.copy(event));
    this.legend.show(begin.legend);
    this.showView(begin.view, {});
    this.showLook(begin.look);
  }

  get parts(): HTMLElement[] {
    const status = element(
      'div',
      { class: 'status' },
      ...[this.state, this.waiting, this.progress, this.count, this.dropped, this.pinned, this.chips],
    );
    const list = element('div', { class: 'list' }, this.grid.root, this.empty, this.newLines);
    const main = element('div', { class: 'main' }, this.legend.root, list);
    const keyboard = element('div', { id: 'keyboard', class: 'unseen' }, this.words.keyboard);
    return [this.toolbar.root, status, this.histogram.root, main, keyboard];
  }

  begin(): void {
    this.grid.begin();
  }

  take(message: Exclude<ToLogs, { type: 'begin' }>): void {
    switch (message.type) {
      case 'tick':
        this.update(message.status);
        this.grid.take(message);
        this.changed();
        return this.askHistogram();
      case 'legend':
        this.sources = message.legend;
        this.legend.show(message.legend);
        return this.showRows();
      case 'view':
        return this.showView(message.view, message.problems);
      case 'look':
        return this.showLook(message.look);
      case 'histogram':
        this.waitsForHistogram = false;
        this.histogram.update(message.histogram);
        // It was of the view before: no tick need come to ask for that of this one.
        return this.histogramAt === -Infinity ? this.askHistogram() : undefined;
      case 'rows':
      case 'stale':
      case 'goTo':
        return this.grid.take(message);
    }
  }

  private get context() {
    const correlates = this.view.correlate !== undefined;
    return { words: this.words, legend: this.sources, time: this.look.time, correlates };
  }

  private showRows(): void {
    const { context } = this;
    this.viewport.wrap(this.look.wraps);
    this.grid.root.classList.toggle('correlates', context.correlates);
    const widest = Math.max(8, ...this.sources.map((one) => one.host.length + one.source.length + 1));
    this.grid.root.style.setProperty('--gutter-width', `${Math.min(30, widest) + 3}ch`);
    this.grid.use(logRows(context));
  }

  private update(status: LogStatus): void {
    this.toolbar.update(status);
    this.state.className = `state ${status.tone}`;
    for (const [target, text] of [
      [this.state, status.state],
      [this.waiting, status.waiting],
      [this.progress, status.progress],
      [this.count, status.count],
      [this.dropped, status.dropped],
      [this.pinned, status.pinned],
    ] as const)
      setText(target, text);
    const isEmpty = status.end === status.first;
    setText(this.empty, isEmpty ? status.empty : '');
    this.empty.hidden = !isEmpty;
  }

  private changed(): void {
    const { newRows } = this.viewport;
    this.newLines.hidden = newRows === 0;
    this.newLines.textContent = fill(this.words.newLines, newRows.toLocaleString('en'));
    const row = this.grid.selectedRow;
    // What the menu of the keyboard is for.
    this.grid.view.dataset['vscodeContext'] = JSON.stringify(
      row ? { webviewSection: row.kind === 'line' ? 'logLine' : 'logControl' } : {},
    );
    if (row) this.send({ type: 'chosen', range: this.grid.selection, id: row.id });
  }

  private showView(view: LogView, problems: Extract<ToLogs, { type: 'view' }>['problems']): void {
    this.view = view;
    this.toolbar.showView(view, problems);
    this.legend.showView(view);
    this.histogramAt = -Infinity;
    this.askHistogram();
    this.showChips();
    this.showRows();
  }

  private showChips(): void {
    const { view } = this;
    const chips: HTMLElement[] = [];
    if (view.from !== undefined || view.to !== undefined) {
      const zone = this.look.time === 'utc' ? 'utc' : 'local';
      const time = (at: number | undefined) => (at === undefined ? '…' : isoText(at, zone));
      const text = fill(this.words.range, time(view.from), time(view.to));
      chips.push(this.chip('range', text, { from: undefined, to: undefined }));
    }
    if (view.correlate) {
      const { field, value } = view.correlate;
      chips.push(
        this.chip('correlation', fill(this.words.correlated, field, value), { correlate: undefined }),
      );
    }
    this.chips.replaceChildren(...chips);
  }

  /** What restricts the view, and the way back. */
  private chip(name: string, text: string, back: Partial<LogView>): HTMLElement {
    const leave = element('button', { class: 'link' }, this.words.leave);
    leave.addEventListener('click', () => this.changeView(back));
    return element('span', { class: `chip ${name}` }, text, ' ', leave);
  }

  private showLook(look: LogLook): void {
    this.look = look;
    this.toolbar.showLook(look);
    this.legend.root.hidden = !look.hasLegend;
    this.histogram.root.hidden = !look.hasHistogram;
    this.histogram.showTime(look.time === 'utc' ? 'utc' : 'local');
    this.showChips();
    this.showRows();
    this.askHistogram();
  }

  private changeView(change: Partial<LogView>): void {
    this.view = { ...this.view, ...change };
    this.send({ type: 'view', view: this.view, keep: this.grid.rowInSight?.id });
  }

  private find(what: 'match' | 'bookmark', direction: 1 | -1): void {
    this.send({ type: 'find', what, at: this.grid.place, direction });
  }

  private askHistogram(): void {
    if (!this.look.hasHistogram || this.waitsForHistogram) return;
    const now = performance.now();
    if (now - this.histogramAt < histogramMs) return;
    this.histogramAt = now;
    this.waitsForHistogram = true;
    this.send({ type: 'histogram', buckets: this.histogram.buckets });
  }

  private act(action: LineAction, { id }: LogRow): void {
    this.send({ type: 'lines', action, id, ...this.grid.selection });
  }

  private lineKey(row: LogRow, event: KeyboardEvent): void {
    const action = keys[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    this.act(action, row);
  }

  private keyDown(event: KeyboardEvent): void {
    const origin = event.composedPath()[0];
    const isTyping = origin instanceof HTMLInputElement || origin instanceof HTMLSelectElement;
    if (event.key === 'F3') this.find('match', event.shiftKey ? -1 : 1);
    else if (event.key === 'F2') this.find('bookmark', event.shiftKey ? -1 : 1);
    else if (event.altKey && event.key.toLowerCase() === 'z') this.toolbar.toggleWrap();
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f')
      this.toolbar.focus('highlight');
    else if (isTyping && event.key === 'Escape') this.grid.focus();
    else if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === '/') this.toolbar.focus('include');
    else if (event.key === 'n' || event.key === 'N') this.find('match', event.key === 'n' ? 1 : -1);
    else if (event.key.toLowerCase() === 'r') this.toolbar.toggleRaw();
    else if (event.key === ' ' && event.composedPath().includes(this.grid.view)) this.toolbar.togglePause();
    else return;
    event.preventDefault();
  }

  /** What was marked with the mouse is copied as it is, and otherwise the chosen lines. */
  private copy(event: ClipboardEvent): void {
    const isTyping = event.composedPath()[0] instanceof HTMLInputElement;
    const row = this.grid.selectedRow;
    if (isTyping || !row || !document.getSelection()?.isCollapsed) return;
    event.preventDefault();
    this.act('copy', row);
  }
}
