import { type Disposable, env, l10n, type Uri, type WebviewPanel, window } from 'vscode';
import { runMuster } from '../../../../shell/editor/commands/musterCommands';
import { setTimeout as delay } from 'node:timers/promises';
import { exportRows } from '../../core/watch/watchExport';
import { keyOf } from '../../core/watch/watchLog';
import { copiedKey } from '../../core/keys/keyText';
import { WatchView } from '../../core/watch/watchView';
import type { Logger } from '../../../../platform/host/host';
import type {
  FilterNews,
  PanelFilter,
  PanelState,
  PanelStatus,
  RowAction,
  RowModel,
  WatchRequests,
} from '../../protocol/watchPanel';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { requests } from '../../../../shell/editor/panels/pageRequests';
import { VirtualPanel } from '../../../../shell/editor/panels/virtualPanel';
import { exportWatch } from './exportWatch';
import { pickStart } from './pickStart';
import type { WatchedValues } from './watchedValues';
import { watchRequests } from './watchRequests';
import { rowModel } from './watchRows';
import { WatchSession } from './watchSession';
import { titleOf, type WatchStart, type WatchTarget } from './watchTarget';
import { panelStatus, panelWords } from './watchWords';

/** Milliseconds that a status waits for the view to look at what is new in the log, at most. */
const catchUpMs = 100;

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

/** A watch on screen. */
export class WatchPanel implements Disposable {
  private readonly rows: VirtualPanel<RowModel, PanelStatus, FilterNews>;
  private session: WatchSession;
  private view: WatchView;
  private following: Promise<void> | undefined;
  /** What the page drew last, by the generation and the end of the view. */
  private drawn: { generation: number; end: number } | undefined;
  /** Rows that came between two drawings and did not fit on the screen. */
  private folded = 0;

  constructor(
    panel: WebviewPanel,
    private readonly target: WatchTarget,
    start: WatchStart,
    private readonly ports: PanelPorts,
    look: Partial<PanelView & Pick<PanelState, 'changes'>> = {},
  ) {
    this.session = this.watch(start, look.changes);
    this.view = new WatchView(this.session.log);
    if (look.filter) this.view.setFilter(look.filter);
    if (look.isGrouped) this.view.setGrouped(true);
    panel.title = titleOf(target);
    const content = {
      ...{ page: 'etcd', name: 'watch', title: l10n.t('Watch'), requests: this.requests() },
      begin: () => {
        this.drawn = undefined;
        return { words: panelWords() };
      },
      state: () => this.state,
      generation: () => this.view.generation,
      status: (newest: number) => this.status(newest),
      rows: (from: number, to: number) => this.view.rows(from, to).map(rowModel),
    };
    this.rows = new VirtualPanel<RowModel, PanelStatus, FilterNews>(panel, content, ports);
    this.rows.owned.add({ dispose: () => this.session.dispose() });
  }

  dispose(): void {
    this.rows.dispose();
  }

  private watch(start: WatchStart, lost?: number): WatchSession {
    const session = new WatchSession(this.target, start, this.ports.clusters, lost);
    session.onDidChange(() => this.rows.changed());
    return session;
  }

  private beginAgain(start: WatchStart): void {
    const { activeFilter, grouped, generation } = this.view;
    this.session.dispose();
    this.session = this.watch(start);
    this.view = new WatchView(this.session.log);
    this.view.setFilter(activeFilter);
    this.view.setGrouped(grouped);
    this.view.generation += generation + 1;
    this.folded = 0;
    this.rows.changed();
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

  private requests() {
    return requests<WatchRequests>(watchRequests, {
      pause: ({ isPaused }) => {
        if (isPaused) this.view.pause();
        else {
          this.view.resume();
          // What came meanwhile was told as waiting.
          this.drawn = undefined;
        }
        this.rows.changed();
      },
      filter: ({ filter }) => this.setFilter(filter),
      onlyKey: ({ seq }) => this.showOnlyKey(seq),
      group: ({ isGrouped }) => {
        this.view.setGrouped(isGrouped);
        this.rows.changed();
      },
      startFrom: async () => {
        const start = await pickStart();
        if (start) this.beginAgain(start);
      },
      startAgain: () => {
        if (!this.session.goOn()) this.beginAgain(this.session.next);
      },
      export: () => exportWatch(this.session, this.view),
      row: ({ seq, action }) => this.act(seq, action),
    });
  }

  private showOnlyKey(seq: number): void {
    const row = this.session.log.at(seq);
    const key = row && keyOf(row)?.toString();
    if (key === undefined) return;
    this.view.setGrouped(false);
    const text = `^${key.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
    this.setFilter({ text, isRegex: true, types: [...this.view.activeFilter.types] });
  }

  private setFilter(filter: PanelFilter): void {
    let problem = '';
    try {
      this.view.setFilter(filter);
    } catch (error) {
      problem = l10n.t('No regular expression: {0}', (error as Error).message);
    }
    this.rows.tell({ type: 'filter', filter, isGrouped: this.view.grouped, problem });
    this.rows.changed();
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

  private async status(newest: number): Promise<PanelStatus> {
    this.following ??= this.view.catchUp().finally(() => (this.following = undefined));
    await Promise.race([this.following, delay(catchUpMs)]);
    this.view.forget();
    this.fold(newest);
    if (this.view.isBehind) this.rows.changed();
    return panelStatus(this.session, this.view, this.folded);
  }

  /** Counts what passes by unseen: the rows stay in the list, but whoever looks should know of them. */
  private fold(newest: number): void {
    const { generation, end, grouped } = this.view;
    if (this.drawn?.generation === generation && !grouped)
      this.folded += Math.max(0, end - this.drawn.end - newest);
    this.drawn = { generation, end };
  }
}
