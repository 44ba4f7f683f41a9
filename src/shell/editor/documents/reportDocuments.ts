import { randomUUID } from 'node:crypto';
import { type Disposable, l10n, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode';
import { printable } from '../../../platform/text/printable';
import { Disposables } from '../disposables';

/** Plans and reports as read-only documents of a scheme of their own, kept while they are open. */
export class ReportDocuments implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly owned = new Disposables();

  constructor(private readonly scheme: string) {
    this.owned.add(workspace.registerTextDocumentContentProvider(scheme, this));
    this.owned.add(workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())));
  }

  provideTextDocumentContent(uri: Uri): string {
    return (
      this.texts.get(uri.toString()) ?? l10n.t('This document went with the window that it was made in.')
    );
  }

  /** The folder names the language, whose colours runs have. The same `id` and title are the same document. */
  async show(title: string, text: string, id: string = randomUUID()): Promise<void> {
    const name = printable(title, 60).replace(/[/\\?#%]+/g, ' ');
    const uri = Uri.from({ scheme: this.scheme, path: `/${id}.muster-run/${name}` });
    this.texts.set(uri.toString(), text);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
  }

  dispose(): void {
    this.texts.clear();
    this.owned.dispose();
  }
}
