import { type Disposable, l10n, type Uri, type WebviewPanel } from 'vscode';
import type { Logger } from '../../../../platform/host/host';
import type { ShownLog } from '../../core/file/shownLog';
import { inventoryLogs } from '../../core/inventoryLog';
import type { LogView as EngineView } from '../../core/logView';
import { matchRanges } from '../../core/filter/matchRanges';
import type {
  LineAction,
  LogLook,
  LogRow,
  LogsBeginning,
  LogsNews,
  LogsRequests,
  LogStatus,
  LogView,
  PanelAction,
} from '../../protocol/logsPanel';
import type { RowRange } from '../../../../shell/protocol/rows';
import type { Fleets } from '../../../../shell/editor/fleets/fleets';
import { requests } from '../../../../shell/editor/panels/pageRequests';
import { VirtualPanel } from '../../../../shell/editor/panels/virtualPanel';
import { legendOf } from './legendOf';
import { LogFollowing, type OpenFile } from '../logFollowing';
import { logHistogram } from './logHistogram';
import { LogJump } from './logJump';
import { LogLegend } from './logLegend';
import { everything, type LogOrder, type LogPanelState, plainLook } from './logOrder';
import { logRequests } from './logRequests';
import { rowModel } from './logRows';
import { foundPlace } from './logSearch';
import { logStatus, shownOf } from './logStatus';
import { logWords } from './logWords';
import { isFiltering, readView } from './viewFilter';

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

/** Logs on screen: what is followed, the view of it that is shown, and what is marked in it. */
export class LogsPanel implements Disposable {
  /** Tells panels apart in the context of menus. */
  readonly number = ++panels;
  readonly bookmarks = new Map<number, { text: string; host: string; time: number | undefined }>();
  readonly pinned = new Set<number>();
  private readonly rows: VirtualPanel<LogRow, LogStatus, LogsNews>;
  private following: LogFollowing;
  private view: LogView;
  private look: LogLook;
  private matches: ((line: string) => [number, number][]) | undefined;
  private generationBase = 0;
  private pausedAt: number | undefined;
  /** The view, and the filter that it was given. */
  private filtered: { view?: EngineView; filter: string } = { filter: '' };
  private chosen: ChosenLines | undefined;
  private setting: Promise<void> = Promise.resolve();
  private opened: EngineView | undefined;
  private readonly jump = new LogJump({
    generation: () => this.generation,
    goTo: (at) => this.rows.goTo(at),
  });
  private readonly legend = new LogLegend({
    tell: (legend) => this.rows.tell({ type: 'legend', legend }),
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
    const content = {
      ...{ page: 'logs', name: 'logs', title: l10n.t('Logs'), requests: this.requests() },
      begin: () => this.beginning(),
      state: (): LogPanelState => ({ order: this.order, view: this.view, look: this.look }),
      generation: () => this.generation,
      status: () => this.status(),
      rows: (from: number, to: number) => this.models(from, to),
      told: async (status: LogStatus) => {
        const { session, engineView } = this;
        if (session && engineView) await this.jump.goIfThere(session, engineView, status);
      },
    };
    this.rows = new VirtualPanel<LogRow, LogStatus, LogsNews>(panel, content, ports);
    this.rows.owned.add({ dispose: () => this.following.dispose() });
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
    this.rows.dispose();
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
    this.rows.changed();
  }

  /** Shows other lines. `keep`: the one that is to stay in sight. */
  async changeView(change: Partial<LogView>, keep?: number): Promise<void> {
    this.view = { ...this.view, ...change };
    await this.applyView(keep);
  }

  /** Chooses a line and scrolls to it. */
  async goToLine(seq: number): Promise<void> {
    const view = this.engineView;
    if (view) this.rows.goTo(await view.positionOf(seq));
  }

  async goToTime(time: number): Promise<void> {
    const view = this.engineView;
    if (view) this.rows.goTo(await view.positionAt(time));
  }

  /** Has the page ask for its rows again: what the panel knows of them has changed. */
  redraw(): void {
    this.rows.renew();
  }

  private get generation(): number {
    return this.generationBase + (this.opened?.state.generation ?? 0);
  }

  private follow(order: LogOrder): LogFollowing {
    const following = new LogFollowing(order, this.ports);
    following.onDidChange(() => {
      this.rows.changed();
      const view = following.open?.view;
      if (following !== this.following || !view || view === this.opened) return;
      this.opened = view;
      void this.applyView().then(() => {
        if (order.at !== undefined && following === this.following) this.jump.waitFor(order.at);
      });
    });
    return following;
  }

  private beginning(): Omit<LogsBeginning, 'state'> {
    const { view, look, number: panel } = this;
    return { words: logWords(), view, look, legend: legendOf(this.session?.streams ?? []), panel };
  }

  private requests() {
    return requests<LogsRequests>(logRequests, {
      pause: ({ isPaused }) => {
        this.pausedAt = isPaused ? this.engineView?.state.end : undefined;
        this.rows.changed();
      },
      view: ({ view, keep }) => {
        this.view = view;
        return this.applyView(keep);
      },
      look: ({ look }) => {
        const isOther = look.isRaw !== this.look.isRaw;
        this.look = look;
        this.rows.tell({ type: 'look', look });
        if (isOther) this.redraw();
        this.rows.changed();
      },
      find: (find) => this.find(find),
      histogram: async ({ buckets }) => ({
        histogram: await logHistogram(this.engineView, buckets, this.view),
      }),
      chosen: ({ id, range: { from, to } }) => {
        this.chosen = { id, from, to };
      },
      lines: async ({ action, generation, ...lines }) => {
        if (generation === this.generation) await this.ports.act(this, action, lines);
      },
      panel: ({ action }) => this.ports.act(this, action, { id: undefined, ...this.allRows }),
    });
  }

  /** One after the other: the last one that was asked for is the one that is shown in the end. */
  private applyView(keep?: number): Promise<void> {
    this.setting = this.setting
      .then(() => this.setView(keep))
      .catch((error: unknown) => this.rows.showFailure(error));
    return this.setting;
  }

  private async setView(keep: number | undefined): Promise<void> {
    const open = this.following.open;
    const { view } = this;
    const { filter, highlight, problems } = readView(view, open?.session.streams ?? []);
    this.matches = highlight && matchRanges(highlight);
    this.pausedAt = undefined;
    this.rows.tell({ type: 'view', view, problems });
    this.rows.changed();
    if (!open) return;
    const filtered = { view: open.view, filter: JSON.stringify(filter) };
    const isSame = filtered.filter === this.filtered.filter && filtered.view === this.filtered.view;
    if (!isSame) await open.view.setFilter(filter);
    this.filtered = filtered;
    await open.view.find(highlight);
    this.redraw();
    if (keep !== undefined) this.rows.goTo(await open.view.positionOf(keep));
  }

  private async find(find: LogsRequests['find']['args']): Promise<void> {
    const view = this.engineView;
    if (!view || (find.what === 'match' && !this.matches)) return;
    const place = await foundPlace(view, find, this.bookmarks.keys());
    if (place !== undefined) this.rows.goTo(place);
  }

  private status(): LogStatus {
    if (this.session) this.legend.update(this.session.streams);
    const { pausedAt, generationBase, view } = this;
    return logStatus(this.following.state, {
      ...{ generationBase, pausedAt, pinned: this.pinned.size, hasHighlight: this.matches !== undefined },
      isFiltering: isFiltering(view),
    });
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
}
