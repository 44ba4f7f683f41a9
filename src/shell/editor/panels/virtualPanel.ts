import { type Disposable, Uri, type WebviewPanel } from 'vscode';
import type { Logger } from '../../../platform/host/host';
import type { RowStatus } from '../../protocol/rows';
import { Disposables } from '../disposables';
import { onceEach } from './onceEach';
import { type ServedRequests, serveRequests } from './pageRequests';
import { panelPage } from './panelPage';
import { RowFeed, type RowSource } from './rowFeed';
import { showFailure } from './showFailure';

/** What a panel of rows shows. */
export interface PanelContent<Row, Status extends RowStatus> extends RowSource<Row, Status> {
  /** The feature with `webview/page.ts`, whose script and style sheet have its name. */
  page: string;
  /** What the page is called by screen readers. */
  title: string;
  /** What failures are logged under. */
  name: string;
  /** What the page asks beside its rows. */
  requests: ServedRequests;
}

/** A panel of rows, of which the page has those that fit on it. It owns the webview, and ends with it. */
export class VirtualPanel<
  Row,
  Status extends RowStatus,
  News extends { type: string },
> implements Disposable {
  /** What ends with the panel. */
  readonly owned = new Disposables();
  /** Rows that were closed meanwhile are no longer of interest. */
  readonly showFailure = onceEach((error) => {
    if (error.code !== 'CANCELLED') showFailure(this.content.name, error, this.ports.logger);
  });
  private readonly feed: RowFeed<Row, Status>;

  constructor(
    readonly panel: WebviewPanel,
    private readonly content: PanelContent<Row, Status>,
    private readonly ports: { extensionUri: Uri; logger: Logger },
  ) {
    const { webview } = panel;
    const { name, page, title } = content;
    const { logger } = ports;
    const failed = this.showFailure;
    const feed = new RowFeed(content, (message) => void webview.postMessage(message), failed);
    this.feed = feed;
    const served = new Map([...feed.requests, ...content.requests]);
    const root = Uri.joinPath(ports.extensionUri, 'dist', 'webviews');
    webview.options = { enableScripts: true, localResourceRoots: [root] };
    this.owned.add({ dispose: () => feed.leave() });
    this.owned.add(serveRequests(webview, served, { name, logger, failed }));
    this.owned.add(
      panel.onDidChangeViewState(() => {
        if (!panel.visible) feed.leave();
      }),
    );
    this.owned.add(panel.onDidDispose(() => this.dispose()));
    webview.html = panelPage(webview, { name: page, title, root });
  }

  /** Something is to be told with the next tick. */
  changed(): void {
    this.feed.changed();
  }

  /** Has the page ask for its rows again: they are where they were, but look different. */
  renew(): void {
    this.feed.renew();
  }

  /** Shows and chooses the row at a place. */
  goTo(at: number): void {
    this.feed.goTo(at);
  }

  tell(message: News): void {
    this.feed.tell(message);
  }

  dispose(): void {
    this.owned.dispose();
  }
}
