import { basename } from 'node:path';
import { env, l10n, Uri, type WebviewPanel, window, workspace } from 'vscode';
import { errorReport } from '../../core/errors';
import type { Logger } from '../../core/host';
import type { FromFlameGraph, ToFlameGraph } from '../../protocol/flameGraph';
import { flameGraphPage } from './flameGraphPage';
import type { OpenProfile, OpenProfiles } from './openProfiles';

export interface FlameGraphPorts {
  extensionUri: Uri;
  logger: Logger;
  profiles: OpenProfiles;
}

/** A profile on screen, drawn by speedscope. */
export class FlameGraphEditor {
  private readonly closing = new AbortController();

  private constructor(
    private readonly profile: OpenProfile,
    private readonly panel: WebviewPanel,
    private readonly ports: FlameGraphPorts,
  ) {}

  static async open(uri: Uri, panel: WebviewPanel, ports: FlameGraphPorts): Promise<void> {
    const profile = ports.profiles.open(uri);
    const editor = new FlameGraphEditor(profile, panel, ports);
    const { webview } = panel;
    const root = Uri.joinPath(ports.extensionUri, 'dist', 'webviews');
    webview.options = { enableScripts: true, localResourceRoots: [root] };
    webview.onDidReceiveMessage((message: FromFlameGraph) => void editor.take(message));
    const redraw = profile.onDidChange(() => void editor.take({ type: 'ready' }));
    panel.onDidDispose(() => {
      editor.closing.abort();
      redraw.dispose();
      profile.dispose();
    });
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
      this.ports.logger.error(`${this.profile.uri.path}: ${[what, ...causes].join('\n  ')}`);
      this.tell({ type: 'error', message: [what, hint].filter(Boolean).join(' — ') });
    }
  }

  private async draw(): Promise<void> {
    const { bytes, notes, isMerged } = await this.profile.ask('draw', undefined, this.closing.signal);
    const merged = isMerged
      ? [l10n.t('Identical stacks are merged, since the file is large: there is no order in time.')]
      : [];
    const banner = [...merged, ...notes].join(' ');
    this.tell({ type: 'profile', name: this.profile.name, bytes: new Uint8Array(bytes), banner });
  }

  private async export(name: string, text: string): Promise<void> {
    const uri = await window.showSaveDialog({
      title: l10n.t('Export Profile'),
      defaultUri: Uri.joinPath(this.profile.uri, '..', basename(name)),
    });
    if (uri) await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  }

  private tell(message: ToFlameGraph): void {
    void this.panel.webview.postMessage(message);
  }
}
