import { type Disposable, l10n, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode';
import { printable } from '../../core/printable';
import { Disposables } from '../disposables';
import { type RunRecord, runText } from './runText';

const scheme = 'muster-run';

/** Results of runs as read-only documents, kept while they are open. */
export class RunDocuments implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly owned = new Disposables();

  constructor() {
    this.owned.add(workspace.registerTextDocumentContentProvider(scheme, this));
    this.owned.add(workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())));
  }

  provideTextDocumentContent(uri: Uri): string {
    return (
      this.texts.get(uri.toString()) ??
      l10n.t('This document went with the window that it was made in. The Runs view still has the run.')
    );
  }

  async show(record: RunRecord): Promise<void> {
    const uri = uriOf(record);
    this.texts.set(uri.toString(), await runText(record));
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { preview: false });
  }

  dispose(): void {
    this.texts.clear();
    this.owned.dispose();
  }
}

/** The tab reads `uptime (14.02.33)`; the folder is unique, and names the language. */
function uriOf({ command, startedAt, report }: RunRecord): Uri {
  const name = printable(command, 40).replace(/[/\\?#]+/g, ' ');
  const time = startedAt.toTimeString().slice(0, 8).replaceAll(':', '.');
  return Uri.from({ scheme, path: `/${report.traceId}.${scheme}/${name} (${time})` });
}
