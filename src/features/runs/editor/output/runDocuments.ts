import { type Disposable, l10n, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode';
import { printable } from '../../../../platform/text/printable';
import { Disposables } from '../../../../shell/editor/disposables';
import { ColouredDocuments } from '../../../../shell/editor/text/colouredDocuments';
import type { RunRecord } from './runText';

const scheme = 'muster-run';

/** Results of runs as read-only documents, kept while they are open. */
export class RunDocuments implements TextDocumentContentProvider, Disposable {
  private readonly owned = new Disposables();
  private readonly documents = this.owned.add(new ColouredDocuments());

  constructor() {
    this.owned.add(workspace.registerTextDocumentContentProvider(scheme, this));
  }

  provideTextDocumentContent(uri: Uri): string {
    return (
      this.documents.textOf(uri) ??
      l10n.t('This document went with the window that it was made in. The Runs view still has the run.')
    );
  }

  async show(record: RunRecord): Promise<void> {
    const uri = uriOf(record);
    const { runText } = await import('./runText');
    this.documents.keep(uri, await runText(record));
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { preview: false });
  }

  dispose(): void {
    this.owned.dispose();
  }
}

/** The tab reads `uptime (14.02.33)`; the folder is unique, and names the language. */
function uriOf({ command, startedAt, report }: RunRecord): Uri {
  const name = printable(command, 40).replace(/[/\\?#]+/g, ' ');
  const time = startedAt.toTimeString().slice(0, 8).replaceAll(':', '.');
  return Uri.from({ scheme, path: `/${report.traceId}.${scheme}/${name} (${time})` });
}
