import { MessageChannel } from 'node:worker_threads';
import { type Disposable, env, l10n, Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import { errorReport, MusterError } from '../../../../platform/errors/errors';
import type { Logger } from '../../../../platform/host/host';
import type { Comparison } from '../../core/analysis/comparison';
import type {
  ComparisonRequests,
  ComparisonState,
  ComparisonView,
  ToComparison,
} from '../../protocol/profileComparison';
import { Disposables } from '../../../../shell/editor/disposables';
import { requests, serveRequests } from '../../../../shell/editor/panels/pageRequests';
import { panelPage } from '../../../../shell/editor/panels/panelPage';
import type { CaptureStore } from '../capture/captureStore';
import {
  boxModel,
  changeModel,
  comparisonMarkdown,
  comparisonWords,
  orderText,
  summaryText,
} from './comparisonModel';
import type { OpenProfile, OpenProfiles } from '../openProfiles';
import { comparisonRequests } from '../flameGraph/profileRequests';
import { type ProfileTime, profileTime } from '../list/profileTime';

export const comparisonViewType = 'muster.profileComparison';

/** Boxes narrower than this share of the graph cannot be told apart on a screen. */
const leastShare = 1 / 1500;
const mostRows = 500;
let lastComparison = 0;

export interface ComparisonPorts {
  extensionUri: Uri;
  logger: Logger;
  profiles: OpenProfiles;
  captures: CaptureStore;
}

/** Two profiles laid over each other. */
export class ComparisonPanel implements Disposable {
  private readonly owned = new Disposables();
  private readonly closing = new AbortController();
  readonly closed = this.closing.signal;
  private readonly comparison = ++lastComparison;
  private before: OpenProfile;
  private after: OpenProfile;
  private view: ComparisonView;
  /** One thing after the other: what is before while it is shown stays so until the end. */
  private doing: Promise<void> = Promise.resolve();
  private receiving: Promise<void> | undefined;
  private shown: Comparison | undefined;

  private constructor(
    private readonly panel: WebviewPanel,
    state: ComparisonState,
    private readonly ports: ComparisonPorts,
  ) {
    this.view = state.view;
    this.before = this.owned.add(ports.profiles.open(Uri.parse(state.before, true)));
    this.after = this.owned.add(ports.profiles.open(Uri.parse(state.after, true)));
    const again = () => {
      this.receiving = undefined;
      void this.trying(() => this.show());
    };
    this.owned.add(this.before.onDidChange(again));
    this.owned.add(this.after.onDidChange(again));
    this.owned.add(
      serveRequests(panel.webview, this.requests(), {
        ...{ name: 'comparison', logger: ports.logger, failed: (error: unknown) => this.fail(error) },
      }),
    );
    this.owned.add(panel.onDidDispose(() => this.dispose()));
  }

  static open(before: Uri, after: Uri, ports: ComparisonPorts): ComparisonPanel {
    const panel = window.createWebviewPanel(comparisonViewType, '', ViewColumn.Active, {
      retainContextWhenHidden: true,
    });
    return ComparisonPanel.restore(
      panel,
      { before: before.toString(), after: after.toString(), view: {} },
      ports,
    );
  }

  static restore(panel: WebviewPanel, state: ComparisonState, ports: ComparisonPorts): ComparisonPanel {
    const comparison = new ComparisonPanel(panel, state, ports);
    const root = Uri.joinPath(ports.extensionUri, 'dist', 'webviews');
    panel.title = comparison.title;
    panel.webview.options = { enableScripts: true, localResourceRoots: [root] };
    panel.webview.html = panelPage(panel.webview, { name: 'profiles.comparison', title: panel.title, root });
    return comparison;
  }

  dispose(): void {
    this.closing.abort();
    // Whoever else looks at the profile keeps its thread.
    if (this.receiving) this.after.ask('endComparison', { comparison: this.comparison }).catch(() => {});
    this.owned.dispose();
  }

  get isActive(): boolean {
    return this.panel.active;
  }

  /** What was before is what is after. */
  swap(): Promise<void> {
    return this.trying(async () => {
      if (this.receiving) this.after.ask('endComparison', { comparison: this.comparison }).catch(() => {});
      [this.before, this.after] = [this.after, this.before];
      this.receiving = undefined;
      this.panel.title = this.title;
      // Calls have other numbers in the other order.
      const { valueType, normalize } = this.view;
      this.view = {
        ...(valueType !== undefined && { valueType }),
        ...(normalize !== undefined && { normalize }),
      };
      await this.show();
    });
  }

  private get title(): string {
    return l10n.t('{0} → {1}', this.before.name, this.after.name);
  }

  private requests() {
    return requests<ComparisonRequests>(comparisonRequests, {
      show: ({ view }) =>
        this.trying(() => {
          this.view = view;
          return this.show();
        }),
      open: ({ frame }) =>
        this.trying(async () => {
          const { openFrameSource } = await import('../source/openFrameSource');
          await openFrameSource(frame, this.after.uri);
        }),
      copy: () => this.trying(() => this.copy()),
      swap: () => this.swap(),
    });
  }

  private async copy(): Promise<void> {
    if (!this.shown) return;
    await env.clipboard.writeText(comparisonMarkdown(this.shown, this.before.name, this.after.name));
    void window.showInformationMessage(l10n.t('The comparison was copied as Markdown.'));
  }

  private async show(): Promise<void> {
    this.receiving ??= this.receive();
    await this.receiving;
    const { signal } = this.closing;
    const order = { ...this.view, comparison: this.comparison, leastShare, limit: mostRows };
    const comparison = await this.after.ask('compare', order, signal);
    this.shown = comparison;
    const left = comparison.changed - comparison.functions.length;
    this.tell({
      type: 'comparison',
      state: { before: this.before.uri.toString(), after: this.after.uri.toString(), view: this.view },
      title: l10n.t('Before: {0} → After: {1}', this.before.name, this.after.name),
      order: orderText(await this.time(this.before), await this.time(this.after)),
      summary: summaryText(comparison),
      valueTypes: comparison.valueTypes.map(({ name }) => name),
      valueType: comparison.valueType.name,
      isNormalized: comparison.scale !== 1 || this.view.normalize === true,
      boxes: comparison.boxes.map((box) => boxModel(box, comparison)),
      rows: comparison.functions.map((change) => changeModel(change, comparison)),
      more: left > 0 ? l10n.t('{0} more functions changed.', left) : '',
      words: comparisonWords(),
    });
  }

  private time({ uri }: OpenProfile): Promise<ProfileTime | undefined> {
    return profileTime(uri, this.ports.captures);
  }

  /** The profile before goes from its thread to that of the one after, and never through this one. */
  private async receive(): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const { signal } = this.closing;
    const received = this.after.ask('receive', { comparison: this.comparison, port: port2 }, signal, [port2]);
    received.catch(() => {});
    try {
      await this.before.ask('send', { port: port1 }, signal, [port1]);
    } catch (error) {
      // Closes what the other thread waits at, if it was never handed over.
      port1.close();
      await received.catch(() => {});
      throw error;
    }
    await received;
  }

  private trying(work: () => Promise<void>): Promise<void> {
    return (this.doing = this.doing.then(() => this.attempt(work)));
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (this.closing.signal.aborted) return;
    if (!MusterError.is(error, 'CANCELLED')) this.receiving = undefined;
    const { message, hint, causes } = errorReport(error);
    this.ports.logger.error(`${this.panel.title}: ${[message, ...causes].join('\n  ')}`);
    this.tell({ type: 'error', message: [message, hint].filter(Boolean).join(' — ') });
  }

  private tell(message: ToComparison): void {
    void this.panel.webview.postMessage(message);
  }
}
