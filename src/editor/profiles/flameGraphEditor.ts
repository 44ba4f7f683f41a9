import { basename } from 'node:path';
import { env, l10n, ProgressLocation, Uri, type WebviewPanel, window, workspace } from 'vscode';
import { errorReport } from '../../core/errors';
import type { Logger } from '../../core/host';
import type { DrawableProfile } from '../../core/profiles/drawableProfile';
import { readInThread } from '../../core/profiles/profileThread';
import type { FromFlameGraph, ToFlameGraph } from '../../protocol/flameGraph';
import { flameGraphPage } from './flameGraphPage';

export interface FlameGraphPorts {
  extensionUri: Uri;
  logger: Logger;
}

/** A profile on screen, drawn by speedscope; the file is read once, in a thread of its own. */
export class FlameGraphEditor {
  private readonly closing = new AbortController();
  private profile: Promise<DrawableProfile> | undefined;

  private constructor(
    private readonly uri: Uri,
    private readonly panel: WebviewPanel,
    private readonly ports: FlameGraphPorts,
  ) {}

  static async open(uri: Uri, panel: WebviewPanel, ports: FlameGraphPorts): Promise<void> {
    const editor = new FlameGraphEditor(uri, panel, ports);
    const { webview } = panel;
    const root = Uri.joinPath(ports.extensionUri, 'dist', 'webviews');
    webview.options = { enableScripts: true, localResourceRoots: [root] };
    webview.onDidReceiveMessage((message: FromFlameGraph) => void editor.take(message));
    panel.onDidDispose(() => editor.closing.abort());
    webview.html = await flameGraphPage(webview, root, env.language);
  }

  private async take(message: FromFlameGraph): Promise<void> {
    try {
      if (message.type === 'ready') await this.draw();
      else if (message.type === 'export') await this.export(message.name, message.text);
      else
        this.tell({
          type: 'error',
          message: l10n.t('speedscope cannot draw this profile: {0}', message.message),
        });
    } catch (error) {
      if (this.closing.signal.aborted) return;
      const { message: what, hint, causes } = errorReport(error);
      this.ports.logger.error(`${this.uri.path}: ${[what, ...causes].join('\n  ')}`);
      this.tell({ type: 'error', message: [what, hint].filter(Boolean).join(' — ') });
    }
  }

  private async draw(): Promise<void> {
    // A page that comes back asks again.
    this.profile ??= this.read();
    const { bytes, notes, isMerged } = await this.profile;
    const merged = isMerged
      ? [l10n.t('Identical stacks are merged, since the file is large: there is no order in time.')]
      : [];
    const banner = [...merged, ...notes].join(' ');
    this.tell({ type: 'profile', name: basename(this.uri.path), bytes: new Uint8Array(bytes), banner });
  }

  private read(): Promise<DrawableProfile> {
    const name = basename(this.uri.path);
    const { signal } = this.closing;
    const worker = Uri.joinPath(this.ports.extensionUri, 'dist', 'profileWorker.js').fsPath;
    const title = l10n.t('Reading {0}…', name);
    return Promise.resolve(
      window.withProgress({ location: ProgressLocation.Window, title }, async () => {
        const content = this.uri.scheme === 'file' ? this.uri.fsPath : await workspace.fs.readFile(this.uri);
        return readInThread(worker, { name, content }, signal);
      }),
    );
  }

  private async export(name: string, text: string): Promise<void> {
    const uri = await window.showSaveDialog({
      title: l10n.t('Export Profile'),
      defaultUri: Uri.joinPath(this.uri, '..', basename(name)),
    });
    if (uri) await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  }

  private tell(message: ToFlameGraph): void {
    void this.panel.webview.postMessage(message);
  }
}
