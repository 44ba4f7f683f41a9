import { type Disposable, l10n, type Memento, type Uri, type WebviewPanel, window, workspace } from 'vscode';
import {
  type ErrorReport,
  errorReport,
  MusterError,
  toMusterError,
} from '../../../../platform/errors/errors';
import type { Logger } from '../../../../platform/host/host';
import { pause } from '../../../../platform/batch/deadline';
import { finishBreathing, type Steps } from '../../../../platform/inventory/steps';
import { printable } from '../../../../platform/text/printable';
import { runMuster } from '../../../../shell/editor/commands/musterCommands';
import type { Fleet } from '../../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../../shell/editor/fleets/fleets';
import { requests } from '../../../../shell/editor/panels/pageRequests';
import { VirtualPanel } from '../../../../shell/editor/panels/virtualPanel';
import type { ChartGrid } from '../../core/chart/chartGrid';
import type { MetricFollower } from '../../core/metricFollower';
import { planMetrics } from '../../core/readMetrics';
import { SeriesStore, type StoredSeries } from '../../core/seriesStore';
import type {
  ChartFrame,
  ChartLayout,
  MetricsFrame,
  MetricsLayout,
  MetricsRequests,
  MetricsState,
} from '../../protocol/metricsPanel';
import { reasonOf } from '../reasonOf';
import { chartFrame } from './chartFrame';
import { csvOf, saveAs } from './exportMetrics';
import { KnownSeries } from './knownSeries';
import { metricsRequests, mostCharts, readLayout } from './metricsRequests';
import { metricsWords } from './metricsWords';
import type { PinnedSeries } from '../pins/pinnedSeries';

/** Sources of hosts whose failures are listed. */
const mostFailures = 20;
const usualBuckets = 300;

export interface MetricsPorts {
  readonly fleets: Fleets;
  readonly logger: Logger;
  readonly memory: Memento;
  readonly pins: Pick<PinnedSeries, 'has' | 'toggle' | 'onDidChange'>;
  readonly extensionUri: Uri;
}

/** Charts of hosts. Their sources are read while it is visible. */
export class MetricsPanel implements Disposable {
  private readonly rows: VirtualPanel<never, MetricsFrame, never>;
  private readonly closing = new AbortController();
  private readonly known = new KnownSeries();
  private readonly layout: MetricsLayout;
  private fleet: Fleet | undefined;
  private follower: MetricFollower | undefined;
  private waiting = '';
  private failed: ErrorReport | undefined;
  private buckets = usualBuckets;
  private restMs = 0;
  private zoom: { from: number; to: number } | undefined;

  constructor(
    private readonly panel: WebviewPanel,
    private readonly state: MetricsState,
    private readonly ports: MetricsPorts,
  ) {
    this.layout = readLayout(ports.memory.get(this.layoutKey));
    panel.title = l10n.t('Metrics: {0}', printable(state.selector, 60));
    const content = {
      ...{ page: 'metrics', name: 'metrics', title: l10n.t('Metrics'), requests: this.requests() },
      begin: () => ({ words: metricsWords() }),
      state: () => this.state,
      generation: () => 0,
      status: () => this.frame(),
      rows: () => [],
    };
    this.rows = new VirtualPanel<never, MetricsFrame, never>(panel, content, ports);
    const { owned } = this.rows;
    owned.add({ dispose: () => this.closing.abort() });
    owned.add(ports.pins.onDidChange(({ key }) => key === undefined && this.rows.changed()));
    owned.add(panel.onDidChangeViewState(() => this.holdWhileHidden()));
    void this.follow();
  }

  dispose(): void {
    this.rows.dispose();
  }

  /** Everything that the page shows. It rests four times as long as the frame before took, so that other work goes on. */
  private async frame(): Promise<MetricsFrame> {
    await pause(this.restMs, this.closing.signal);
    const began = performance.now();
    const frame = await finishBreathing(this.frameSteps());
    this.restMs = 4 * (performance.now() - began);
    return frame;
  }

  private *frameSteps(): Steps<MetricsFrame> {
    const { follower, layout } = this;
    const grid = this.grid();
    const states = follower?.all() ?? [];
    const failures = states.filter(({ error }) => error);
    const pending = states.filter(({ error, readAt }) => !error && readAt === undefined);
    const reasons = new Map(
      failures.map(({ target, error }) => [`${target.host.name}\0${target.entry.name}`, reasonOf(error!)]),
    );
    const intervals = new Map(states.map(({ target: { entry } }) => [entry.name, entry.intervalMs]));
    const ports = {
      store: follower?.store ?? new SeriesStore(),
      grid,
      intervalOf: (source: string) => intervals.get(source) ?? 0,
      failureOf: (host: string, source: string) => reasons.get(`${host}\0${source}`),
      isPinned: (series: StoredSeries) => this.ports.pins.has(this.state.inventory, series),
    };
    const charts: ChartFrame[] = [];
    for (const chart of [...layout.charts]) charts.push(yield* chartFrame(chart, ports));
    return {
      ...{
        generation: 0,
        first: 0,
        end: 0,
        ...grid,
        rangeMs: layout.rangeMs,
        isZoomed: this.zoom !== undefined,
      },
      tone: this.failed ? 'error' : failures.length + pending.length > 0 || !follower ? 'warning' : 'info',
      state: this.stateText(states.length, failures.length, pending.length),
      failures: failures.slice(0, mostFailures).map(({ target: { host, entry }, error }) => ({
        source: printable(`${host.name} · ${entry.name}`),
        reason: reasonOf(error!),
      })),
      charts,
      // Until all were read, which charts there can be is not known.
      empty: charts.length > 0 || !follower || pending.length > 0 ? '' : l10n.t('No chart: add one.'),
    };
  }

  private stateText(all: number, failed: number, pending: number): string {
    if (this.failed) return reasonOf(this.failed);
    if (!this.follower) return this.waiting;
    const { omitted } = this.follower.store;
    return [
      l10n.t('Following {0} of {1} sources', all - failed - pending, all),
      ...(pending > 0 ? [l10n.t('{0} not read yet', pending)] : []),
      ...(omitted > 0 ? [l10n.t('{0} series are too many and are not kept', omitted)] : []),
    ].join(' · ');
  }

  private grid(): ChartGrid {
    const to = Date.now();
    return { ...(this.zoom ?? { from: to - this.layout.rangeMs, to }), buckets: this.buckets };
  }

  private get layoutKey(): string {
    return `muster.metrics.layout ${this.state.inventory}`;
  }

  private requests() {
    return requests<MetricsRequests>(metricsRequests, {
      size: ({ buckets }) => this.change(() => (this.buckets = buckets)),
      zoom: ({ range }) => this.change(() => (this.zoom = range)),
      range: ({ rangeMs }) =>
        this.changeLayout(() => {
          this.layout.rangeMs = rangeMs;
          this.zoom = undefined;
        }),
      look: ({ chart, mode, asCounter }) =>
        this.changeLayout(() => {
          const shown = this.layout.charts[chart];
          if (shown) Object.assign(shown, { mode, asCounter });
        }),
      addChart: () => this.addChart(),
      removeChart: ({ chart }) => this.changeLayout(() => this.layout.charts.splice(chart, 1)),
      exportCsv: async () => {
        const store = this.follower?.store;
        if (!store) return;
        const lines = csvOf(store, this.layout.charts, this.grid());
        await saveAs(l10n.t('Export as CSV…'), 'metrics.csv', { CSV: ['csv'] }, lines);
      },
      exportPng: async ({ chart, png }) => {
        const name = (this.layout.charts[chart]?.name ?? 'chart').replace(/[^\p{L}\p{N}._-]+/gu, '-');
        const bytes = Buffer.from(png, 'base64');
        await saveAs(l10n.t('Save as PNG…'), `${name.slice(0, 100)}.png`, { PNG: ['png'] }, bytes);
      },
      logs: async ({ id, at }) => {
        const series = this.seriesOf(id);
        if (series && this.fleet)
          await runMuster('muster.showLogsAt', { selector: series.host, inventory: this.fleet.file, at });
      },
      capture: async ({ id }) => {
        const series = this.seriesOf(id);
        if (series && this.fleet)
          await runMuster('muster.captureProfile', { selector: series.host, inventory: this.fleet.file });
      },
      pin: async ({ id }) => {
        const series = this.seriesOf(id);
        if (series) await this.ports.pins.toggle(this.state.inventory, series);
      },
    });
  }

  private seriesOf(id: string): StoredSeries | undefined {
    return this.follower?.store.all().find((series) => series.id === id);
  }

  private change(work: () => unknown): void {
    work();
    this.rows.changed();
  }

  private async changeLayout(work: () => unknown): Promise<void> {
    this.change(work);
    await this.ports.memory.update(this.layoutKey, this.layout);
  }

  private async addChart(): Promise<void> {
    const { charts } = this.layout;
    if (charts.length >= mostCharts)
      throw new MusterError('LOCAL_LIMIT', l10n.t('There are {0} charts already: remove one.', mostCharts));
    const items = this.known
      .all()
      .filter(({ source, name }) => !charts.some((chart) => chart.source === source && chart.name === name))
      .map(({ source, name, kind }) => ({
        label: printable(name, 200),
        description: printable(`${source} · ${kind}`),
        source,
        name,
      }));
    const picked = await window.showQuickPick(items, {
      title: l10n.t('A chart of which series?'),
      matchOnDescription: true,
    });
    if (!picked) return;
    const { source, name } = picked;
    const chart: ChartLayout = { source, name, mode: 'lines', asCounter: false };
    await this.changeLayout(() => charts.push(chart));
  }

  private async follow(): Promise<void> {
    const { signal } = this.closing;
    try {
      const fleet = (this.fleet = await this.find());
      const targets = fleet && planMetrics(fleet.inventory!, this.state.hosts);
      if (!targets) return;
      const follower = await fleet.use((core) =>
        core.followMetrics(targets, {
          isWanted: (series, target) => {
            this.known.add(series, target);
            return this.shows(target.entry.name, series.name);
          },
        }),
      );
      this.follower = follower;
      this.holdWhileHidden();
      follower.onChange(() => this.chooseFirst());
      if (signal.aborted) return await follower.dispose();
      signal.addEventListener('abort', () => void follower.dispose(), { once: true });
    } catch (error) {
      if (signal.aborted) return;
      this.failed = errorReport(toMusterError(error));
      this.ports.logger.error(`metrics: ${[this.failed.message, ...this.failed.causes].join('\n  ')}`);
    }
    this.rows.changed();
  }

  private shows(source: string, name: string): boolean {
    return this.layout.charts.some((chart) => chart.source === source && chart.name === name);
  }

  /** Who opens metrics for the first time is shown some; who removed all charts is not. */
  private chooseFirst(): void {
    if (this.layout.charts.length > 0 || this.ports.memory.get(this.layoutKey) !== undefined) return;
    const first = this.known.first();
    if (first.length > 0) void this.changeLayout(() => this.layout.charts.push(...first));
  }

  private holdWhileHidden(): void {
    if (this.panel.visible) this.follower?.resume();
    else this.follower?.hold();
  }

  /** Waits until the inventory is there and hosts may be connected to. */
  private async find(): Promise<Fleet | undefined> {
    const { fleets } = this.ports;
    const { signal } = this.closing;
    while (!signal.aborted) {
      const fleet = fleets.all.find(({ id }) => id === this.state.inventory);
      if (fleet?.inventory && workspace.isTrusted) return fleet;
      this.waiting = workspace.isTrusted
        ? l10n.t('The inventory of these hosts is not open.')
        : l10n.t('Muster connects to nothing in Restricted Mode.');
      this.rows.changed();
      await new Promise<void>((resolve) => {
        const listeners = [fleets.onDidChange, workspace.onDidGrantWorkspaceTrust].map((listen) =>
          listen(() => end()),
        );
        const end = () => {
          for (const listener of listeners) listener.dispose();
          resolve();
        };
        signal.addEventListener('abort', end, { once: true });
      });
    }
    return undefined;
  }
}
