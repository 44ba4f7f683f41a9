import { type Disposable, l10n, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode';
import { printable } from '../../../platform/text/printable';
import { Disposables } from '../../../shell/editor/disposables';

const scheme = 'muster-copy';

/** Plans and reports of copies as read-only documents, kept while they are open. */
export class TransferDocuments implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly owned = new Disposables();

  constructor() {
    this.owned.add(workspace.registerTextDocumentContentProvider(scheme, this));
    this.owned.add(workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())));
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.toString()) ?? l10n.t('This report went with the window that it was made in.');
  }

  /** The folder names the language, whose colours runs have, and is unique. */
  async show(id: string, title: string, text: string): Promise<void> {
    const name = printable(title, 60).replace(/[/\\?#%]+/g, ' ');
    const uri = Uri.from({ scheme, path: `/${id}.muster-run/${name}` });
    this.texts.set(uri.toString(), text);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
  }

  dispose(): void {
    this.texts.clear();
    this.owned.dispose();
  }
}
