import { type Disposable, l10n, Uri, type WebviewPanel } from 'vscode';
import { toMusterError } from '../../core/errors';
import type { Logger } from '../../core/host';
import { logLevels as engineLevels } from '../../core/logs/logLevel';
import type { ShownLog } from '../../core/logs/file/shownLog';
import type { Histogram, LogView as EngineView } from '../../core/logs/logView';
import { matchRanges } from '../../core/logs/matchRanges';
import {
  type FromLogs,
  type LineAction,
  type LogHistogram,
  logLevels,
  type LogLook,
  type LogRow,
  type LogView,
  type PanelAction,
  type RowRange,
  type ToLogs,
} from '../../protocol/logsPanel';
import { Disposables } from '../disposables';
import type { Fleets } from '../fleets/fleets';
import { panelPage } from '../panels/panelPage';
import { showFailure } from '../panels/showFailure';
import { legendOf } from './legendOf';
import { LogFollowing, type OpenFile } from './logFollowing';
import { LogJump } from './logJump';
import { LogLegend } from './logLegend';
import { everything, type LogOrder, type LogPanelState, plainLook } from './logOrder';
import { rowModel } from './logRows';
import { logStatus, shownOf } from './logStatus';
import { logWords } from './logWords';
import { readView } from './viewFilter';
import { inventoryLogs } from '../../core/logs/inventoryLog';

/** Milliseconds between what is told to the page, at least; and when nothing happens. */
const tickMs = 100;
const idleTickMs = 1000;
/** Rows that are told at once, at most. */
const mostRows = 400;

export interface LogPanelPorts {
  fleets: Fleets;
  /** The thread of a local file, as it is built. */
  fileWorker: string;
  logger: Logger;
  extensionUri: Uri;
  /** What is done with lines and panels, by those who are no part of drawing them. */
  act: (panel: LogsPanel, action: LineAction | PanelAction, lines: ChosenLines) => Promise<void>;
}

/** Rows of the view as it is now, and the one that has the focus. */
export interface ChosenLines extends Omit<RowRange, 'generation'> {
  id: number | undefined;
}

let panels = 0;

/**
 * Logs on screen. The page is told what fits on it and asks for more; it gets the next tick once it has drawn the last
 * one, and the stream waits for neither.
 */
export class LogsPanel implements Disposable {
  /** Tells panels apart in the context of menus. */
  readonly number = ++panels;
  readonly bookmarks = new Map<number, { text: string; host: string; time: number | undefined }>();
  readonly pinned = new Set<number>();
  private readonly owned = new Disposables();
  private following: LogFollowing;
  private view: LogView;
  private look: LogLook;
  private matches: ((line: string) => [number, number][]) | undefined;
  private generationBase = 0;
  private pausedAt: number | undefined;
  private isReady = false;
  private isDrawing = false;
  private isDirty = true;
  private newest = 60;
  private told: { time: number; filter: string; view?: EngineView } = { time: 0, filter: '' };
  private chosen: ChosenLines | undefined;
  private setting: Promise<void> = Promise.resolve();
  private opened: EngineView | undefined;
  private readonly jump = new LogJump({
    generation: () => this.generation,
    goTo: (at) => this.goTo(at),
  });
  private readonly legend = new LogLegend({
    tell: (legend) => this.tell({ type: 'legend', legend }),
    onOtherStreams: () => {
      // What is hidden by name is so of files that appear later, too.
      if (this.view.hiddenHosts.length + this.view.hiddenSources.length > 0) void this.applyView();
    },
  });

  constructor(
    readonly panel: WebviewPanel,
    { order, view = everything, look = plainLook }: Pick<LogPanelState, 'order'> & Partial<LogPanelState>,
    private readonly ports: LogPanelPorts,
    readonly title: string,
  ) {
    this.view = view;
    this.look = look;
    this.following = this.follow(order);
    panel.title = title;
    const { webview } = panel;
    const root = Uri.joinPath(ports.extensionUri, 'dist', 'webviews');
    webview.options = { enableScripts: true, localResourceRoots: [root] };
    this.owned.add(webview.onDidReceiveMessage((message: FromLogs) => this.take(message)));
    this.owned.add(
      panel.onDidChangeViewState(() => {
        // A page that was hidden is gone; it says when it is back.
        if (!panel.visible) this.isReady = false;
      }),
    );
    this.owned.add(panel.onDidDispose(() => this.dispose()));
    const timer = setInterval(() => this.tickIfDue(), tickMs);
    this.owned.add({ dispose: () => clearInterval(timer) });
    webview.html = panelPage(webview, { name: 'logsPanel', title: l10n.t('Logs'), root });
  }

  get order(): LogOrder {
    return this.following.order;
  }

  get session(): ShownLog | undefined {
    return this.following.open?.session;
  }

  get engineView(): EngineView | undefined {
    return this.following.open?.view;
  }

  /** What is special about a file that is read where it is. */
  get file(): OpenFile | undefined {
    return this.following.open?.file;
  }

  get shownView(): LogView {
    return this.view;
  }

  get fleet() {
    return this.following.fleet;
  }

  /** What the menu was opened on. */
  get chosenLines(): ChosenLines | undefined {
    return this.chosen;
  }

  /** All rows of the view as it is now. */
  get allRows(): Omit<RowRange, 'generation'> {
    const view = this.engineView;
    if (!view) return { from: 0, to: 0 };
    const { first, end } = shownOf(view.state, this.pausedAt);
    return { from: first, to: end };
  }

  get add() {
    return this.following.add.bind(this.following);
  }

  dispose(): void {
    this.following.dispose();
    this.owned.dispose();
  }

  /** Follows something else, or from another time on. */
  beginAgain(order: LogOrder): void {
    this.generationBase += (this.opened?.state.generation ?? 0) + 1;
    this.opened = undefined;
    this.following.dispose();
    this.following = this.follow(order);
    this.pausedAt = undefined;
    this.bookmarks.clear();
    this.pinned.clear();
    this.chosen = undefined;
    this.legend.forget();
    this.jump.forget();
    this.keepState();
  }

  /** Shows other lines. `keep`: the one that is to stay in sight. */
  async changeView(change: Partial<LogView>, keep?: number): Promise<void> {
    this.view = { ...this.view, ...change };
    await this.applyView(keep);
  }

  /** Chooses a line and scrolls to it. */
  async goToLine(seq: number): Promise<void> {
    const view = this.engineView;
    if (view) this.goTo(await view.positionOf(seq));
  }

  async goToTime(time: number): Promise<void> {
    const view = this.engineView;
    if (view) this.goTo(await view.positionAt(time));
  }

  /** Has the page ask for its rows again: what the panel knows of them has changed. */
  redraw(): void {
    this.isDirty = true;
    this.tell({ type: 'stale' });
  }

  private goTo(at: number): void {
    this.tell({ type: 'goTo', generation: this.generation, at });
  }

  private get generation(): number {
    return this.generationBase + (this.opened?.state.generation ?? 0);
  }

  private follow(order: LogOrder): LogFollowing {
    const following = new LogFollowing(order, this.ports);
    following.onDidChange(() => {
      this.isDirty = true;
      const view = following.open?.view;
      if (following !== this.following || !view || view === this.opened) return;
      this.opened = view;
      void this.applyView().then(() => {
        if (order.at !== undefined && following === this.following) this.jump.waitFor(order.at);
      });
    });
    return following;
  }

  private get state(): LogPanelState {
    return { order: this.order, view: this.view, look: this.look };
  }

  private keepState(): void {
    this.tell({ type: 'state', state: this.state });
  }

  private take(message: FromLogs): void {
    void this.answer(message).catch((error: unknown) => {
      // A view that was closed meanwhile is no longer of interest.
      if (toMusterError(error).code === 'CANCELLED') return;
      showFailure('logs', error, this.ports.logger);
    });
  }

  private async answer(message: FromLogs): Promise<void> {
    switch (message.type) {
      case 'ready': {
        this.isReady = true;
        const { view, look, state } = this;
        const legend = legendOf(this.session?.streams ?? []);
        this.tell({ type: 'begin', words: logWords(), view, look, legend, state, panel: this.number });
        this.isDrawing = false;
        return this.tick();
      }
      case 'drawn':
        this.newest = Math.min(message.newest, mostRows);
        this.isDrawing = false;
        return;
      case 'rows':
        return this.tellRows(message);
      case 'pause':
        this.pausedAt = message.isPaused ? this.engineView?.state.end : undefined;
        return this.tick();
      case 'view':
        this.view = message.view;
        return this.applyView(message.keep);
      case 'look': {
        const isOther = message.look.isRaw !== this.look.isRaw;
        this.look = message.look;
        this.tell({ type: 'look', look: this.look });
        if (isOther) this.redraw();
        return this.keepState();
      }
      case 'find':
        return message.what === 'match' ? this.findMatch(message) : this.findBookmark(message);
      case 'histogram':
        return this.tellHistogram(message.buckets);
      case 'chosen':
        this.chosen = { id: message.id, from: message.range.from, to: message.range.to };
        return;
      case 'lines':
        if (message.generation !== this.generation) return;
        return this.ports.act(this, message.action, message);
      case 'panel':
        return this.ports.act(this, message.action, { id: undefined, ...this.allRows });
    }
  }

  /** One after the other: the last one that was asked for is the one that is shown in the end. */
  private applyView(keep?: number): Promise<void> {
    this.setting = this.setting
      .then(() => this.setView(keep))
      .catch((error: unknown) => {
        if (toMusterError(error).code !== 'CANCELLED') showFailure('logs', error, this.ports.logger);
      });
    return this.setting;
  }

  private async setView(keep: number | undefined): Promise<void> {
    const open = this.following.open;
    const { view } = this;
    const { filter, highlight, problems } = readView(view, open?.session.streams ?? []);
    this.matches = highlight && matchRanges(highlight);
    this.pausedAt = undefined;
    this.tell({ type: 'view', view, problems });
    this.keepState();
    if (!open) return;
    const isSame = JSON.stringify(filter) === this.told.filter && open.view === this.told.view;
    if (!isSame) await open.view.setFilter(filter);
    this.told.filter = JSON.stringify(filter);
    this.told.view = open.view;
    await open.view.find(highlight);
    this.redraw();
    if (keep !== undefined) this.goTo(await open.view.positionOf(keep));
  }

  private async findMatch({ at, direction }: { at: number; direction: 1 | -1 }): Promise<void> {
    const view = this.engineView;
    if (!view || !this.matches) return;
    const found = await (direction === 1 ? view.next(at) : view.previous(at));
    if (found) this.goTo(found.position);
  }

  private async findBookmark({ at, direction }: { at: number; direction: 1 | -1 }): Promise<void> {
    const view = this.engineView;
    if (!view || this.bookmarks.size === 0) return;
    const places = await Promise.all([...this.bookmarks.keys()].map((seq) => view.positionOf(seq)));
    const sorted = places.filter((place) => place < view.state.end).sort((a, b) => a - b);
    const next =
      direction === 1 ? sorted.find((place) => place > at) : sorted.findLast((place) => place < at);
    const place = next ?? (direction === 1 ? sorted[0] : sorted.at(-1));
    if (place !== undefined) this.goTo(place);
  }

  private async tellRows({ generation, from, to }: RowRange): Promise<void> {
    if (generation !== this.generation) return;
    const rows = await this.models(from, Math.min(to, from + mostRows));
    if (generation === this.generation) this.tell({ type: 'rows', generation, rows });
  }

  private async tellHistogram(buckets: number): Promise<void> {
    const view = this.engineView;
    const { from, to } = this.view;
    const histogram = await view?.histogram(Math.min(2000, Math.max(1, buckets)), from, to);
    this.tell({ type: 'histogram', histogram: histogram && histogramModel(histogram) });
  }

  private tickIfDue(): void {
    if (!this.panel.visible || !this.isReady || this.isDrawing) return;
    if (this.isDirty || Date.now() - this.told.time >= idleTickMs) void this.tick();
  }

  private async tick(): Promise<void> {
    if (!this.isReady || this.isDrawing) return;
    this.isDrawing = true;
    this.isDirty = false;
    this.told.time = Date.now();
    if (this.session) this.legend.update(this.session.streams);
    const { pausedAt, generationBase } = this;
    const status = logStatus(this.following.state, {
      ...{ generationBase, pausedAt, pinned: this.pinned.size, hasHighlight: this.matches !== undefined },
      isFiltering: this.isFiltering,
    });
    const from = Math.max(status.first, status.end - this.newest);
    const newest = this.newest > 0 ? await this.models(from, status.end).catch(() => []) : [];
    this.tell({ type: 'tick', status, newest: status.generation === this.generation ? newest : [] });
    const { session, engineView } = this;
    if (session && engineView) await this.jump.goIfThere(session, engineView, status);
  }

  private get isFiltering(): boolean {
    const { include, exclude, fields, level, hiddenHosts, hiddenSources, from, to, correlate } = this.view;
    const isNarrow =
      include.text !== '' || exclude.text !== '' || fields.trim() !== '' || level !== undefined;
    const isHiding = hiddenHosts.length + hiddenSources.length > 0;
    return isNarrow || isHiding || from !== undefined || to !== undefined || correlate !== undefined;
  }

  private async models(from: number, to: number): Promise<LogRow[]> {
    const view = this.engineView;
    if (!view || to <= from) return [];
    const rows = await view.rows(from, to);
    // What was dropped meanwhile is missing at the beginning.
    const begin = Math.max(from, to - rows.length);
    const { bookmarks, pinned, matches, fleet } = this;
    const fields = (stream: number) =>
      fleet?.inventory?.section(inventoryLogs).get(this.session?.streams[stream]?.source ?? '')?.fields;
    const marks = { bookmarks, pinned, matches, fields, isRaw: this.look.isRaw };
    return rows.map((row, index) => rowModel(row, begin + index, marks));
  }

  private tell(message: ToLogs): void {
    if (this.isReady) void this.panel.webview.postMessage(message);
  }
}

function histogramModel({ from, step, counts }: Histogram): LogHistogram | undefined {
  const buckets = counts.length / engineLevels.length;
  // Without a line with a time there is no time to show.
  if (buckets === 0 || counts.every((count) => count === 0)) return undefined;
  const ofLevel = (level: (typeof engineLevels)[number]) => {
    const index = engineLevels.indexOf(level);
    return Array.from({ length: buckets }, (_, bucket) => counts[bucket * engineLevels.length + index]!);
  };
  return { from, bucketMs: step, counts: [...logLevels.map(ofLevel), ofLevel('none')] };
}
