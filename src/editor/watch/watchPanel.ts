import { type Disposable, env, l10n, Uri, type WebviewPanel, window } from 'vscode';
import { runMuster } from '../commands/musterCommands';
import { setTimeout as delay } from 'node:timers/promises';
import { exportRows } from '../../core/etcd/watchExport';
import { keyOf } from '../../core/etcd/watchLog';
import { copiedKey } from '../../core/etcd/keyText';
import { WatchView } from '../../core/etcd/watchView';
import type { Logger } from '../../core/host';
import type { FromPanel, PanelFilter, PanelState, RowAction, ToPanel } from '../../protocol/watchPanel';
import { Disposables } from '../disposables';
import type { EtcdClusters } from '../etcd/etcdClusters';
import { exportWatch } from './exportWatch';
import { pickStart } from './pickStart';
import type { WatchedValues } from './watchedValues';
import { panelPage } from '../panels/panelPage';
import { showFailure } from '../panels/showFailure';
import { rowModel } from './watchRows';
import { WatchSession } from './watchSession';
import { titleOf, type WatchStart, type WatchTarget } from './watchTarget';
import { panelStatus, panelWords } from './watchWords';

/** Milliseconds between what is told to the page, at least; and when nothing happens. */
const tickMs = 100;
const idleTickMs = 1000;
/** Rows that are told at once, at most. */
const mostRows = 300;

export interface PanelPorts {
  clusters: EtcdClusters;
  values: WatchedValues;
  logger: Logger;
  extensionUri: Uri;
}

export interface PanelView {
  filter: PanelFilter;
  isGrouped: boolean;
}

/**
 * A watch on screen. The page is told what fits on it and asks for more; it gets the next tick once it has drawn the
 * last one, and the watch waits for neither.
 */
export class WatchPanel implements Disposable {
  private readonly owned = new Disposables();
  private session: WatchSession;
  private view: WatchView;
  private following: Promise<void> | undefined;
  private isReady = false;
  private isDrawing = false;
  private newest = 40;
  private told = { end: -1, time: 0 };
  /** What the page drew last, by the generation and the end of the view. */
  private drawn: { generation: number; end: number } | undefined;
  /** Rows that came between two drawings and did not fit on the screen. */
  private folded = 0;

  constructor(
    private readonly panel: WebviewPanel,
    private readonly target: WatchTarget,
    start: WatchStart,
    private readonly ports: PanelPorts,
    look: Partial<PanelView & Pick<PanelState, 'changes'>> = {},
  ) {
    this.session = new WatchSession(target, start, ports.clusters, look.changes);
    this.view = new WatchView(this.session.log);
    if (look.filter) this.view.setFilter(look.filter);
    if (look.isGrouped) this.view.setGrouped(true);
    panel.title = titleOf(target);
    const { webview } = panel;
    const root = Uri.joinPath(ports.extensionUri, 'dist', 'webviews');
    webview.options = { enableScripts: true, localResourceRoots: [root] };
    this.owned.add(webview.onDidReceiveMessage((message: FromPanel) => this.take(message)));
    this.owned.add(
      panel.onDidChangeViewState(() => {
        // A page that was hidden is gone; it says when it is back.
        if (!panel.visible) this.isReady = false;
      }),
    );
    this.owned.add(panel.onDidDispose(() => this.dispose()));
    const timer = setInterval(() => this.tickIfDue(), tickMs);
    this.owned.add({ dispose: () => clearInterval(timer) });
    webview.html = panelPage(webview, { name: 'watchPanel', title: l10n.t('Watch'), root });
  }

  dispose(): void {
    this.session.dispose();
    this.owned.dispose();
  }

  private beginAgain(start: WatchStart): void {
    const { activeFilter, grouped, generation } = this.view;
    this.session.dispose();
    this.session = new WatchSession(this.target, start, this.ports.clusters);
    this.view = new WatchView(this.session.log);
    this.view.setFilter(activeFilter);
    this.view.setGrouped(grouped);
    this.view.generation += generation + 1;
    this.told.end = -1;
    this.folded = 0;
  }

  private get state(): PanelState {
    const { prefix, ...target } = this.target;
    const { next } = this.session;
    const { activeFilter, grouped } = this.view;
    return {
      ...target,
      prefix: prefix.toString('base64'),
      fromRevision: next.kind === 'revision' ? next.revision : undefined,
      changes: this.session.changes,
      filter: { ...activeFilter, types: [...activeFilter.types] },
      isGrouped: grouped,
    };
  }

  private take(message: FromPanel): void {
    void this.answer(message).catch((error: unknown) => showFailure('watch', error, this.ports.logger));
  }

  private async answer(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.isReady = true;
        this.isDrawing = true;
        this.told.end = -1;
        this.drawn = undefined;
        return this.tell({ type: 'begin', words: panelWords(), state: this.state });
      case 'drawn':
        this.newest = Math.min(message.newest, mostRows);
        this.isDrawing = false;
        return;
      case 'rows': {
        const { generation, from, to } = message;
        if (generation !== this.view.generation) return;
        const rows = this.models(Math.max(from, to - mostRows), to);
        return this.tell({ type: 'rows', generation, rows });
      }
      case 'pause':
        if (message.isPaused) this.view.pause();
        else {
          this.view.resume();
          // What came meanwhile was told as waiting.
          this.drawn = undefined;
        }
        return this.tick();
      case 'filter':
        return this.setFilter(message.filter);
      case 'onlyKey': {
        const key = this.keyAt(message.seq)?.toString();
        if (key === undefined) return;
        this.view.setGrouped(false);
        const text = `^${key.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
        const { types } = this.view.activeFilter;
        return this.setFilter({ text, isRegex: true, types: [...types] });
      }
      case 'group':
        this.view.setGrouped(message.isGrouped);
        return this.tick();
      case 'startFrom': {
        const start = await pickStart();
        if (start) this.beginAgain(start);
        return;
      }
      case 'startAgain':
        if (!this.session.goOn()) this.beginAgain({ kind: 'now' });
        return;
      case 'export':
        return exportWatch(this.session, this.view);
      case 'row':
        return this.act(message.seq, message.action);
    }
  }

  private async setFilter(filter: PanelFilter): Promise<void> {
    let problem = '';
    try {
      this.view.setFilter(filter);
    } catch (error) {
      problem = l10n.t('No regular expression: {0}', (error as Error).message);
    }
    this.tell({ type: 'filter', filter, isGrouped: this.view.grouped, problem });
    await this.tick();
  }

  private async act(seq: number, action: RowAction): Promise<void> {
    const row = this.session.log.at(seq);
    if (!row || row.kind === 'control') {
      void window.showInformationMessage(l10n.t('This change is forgotten already.'));
      return;
    }
    const key = keyOf(row)!;
    switch (action) {
      case 'copyKey':
        return env.clipboard.writeText(copiedKey(key));
      case 'copyRow':
        return env.clipboard.writeText([...exportRows([row])].join(''));
      case 'compare':
        return this.ports.values.compare(row, titleOf({ ...this.target, prefix: key }));
      case 'open': {
        const cluster = this.session.watched;
        if (cluster) await runMuster('muster.openKey', { cluster, key });
        return;
      }
    }
  }

  private keyAt(seq: number): Buffer | undefined {
    const row = this.session.log.at(seq);
    return row && keyOf(row);
  }

  private tickIfDue(): void {
    if (!this.panel.visible || !this.isReady || this.isDrawing) return;
    const isQuiet = this.session.log.end === this.told.end && !this.view.isBehind;
    if (isQuiet && Date.now() - this.told.time < idleTickMs) return;
    void this.tick();
  }

  private async tick(): Promise<void> {
    if (!this.isReady || this.isDrawing) return;
    this.isDrawing = true;
    this.following ??= this.view.catchUp().finally(() => (this.following = undefined));
    await Promise.race([this.following, delay(tickMs)]);
    this.view.forget();
    this.told = { end: this.session.log.end, time: Date.now() };
    this.fold();
    const status = panelStatus(this.session, this.view, this.folded);
    const newest = this.models(status.end - this.newest, status.end);
    this.tell({ type: 'tick', status, newest, state: this.state });
  }

  /** Counts what passes by unseen: the rows stay in the list, but whoever looks should know of them. */
  private fold(): void {
    const { generation, end, grouped } = this.view;
    if (this.drawn?.generation === generation && !grouped)
      this.folded += Math.max(0, end - this.drawn.end - this.newest);
    this.drawn = { generation, end };
  }

  private models(from: number, to: number) {
    return this.view.rows(from, to).map(rowModel);
  }

  private tell(message: ToPanel): void {
    void this.panel.webview.postMessage(message);
  }
}
