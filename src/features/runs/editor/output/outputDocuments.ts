import { type Disposable, l10n, Uri } from 'vscode';
import { printable } from '../../../../platform/text/printable';
import { ColouredDocuments } from '../../../../shell/editor/text/colouredDocuments';
import { outputText } from './outputText';
import type { RunEntry, RunHistory } from '../runHistory';

/** Registered where the feature is wired. */
const outputScheme = 'muster-output';

/** The output of a host, or of a group of hosts with the same, as read-only documents made from the history. */
export class OutputDocuments implements Disposable {
  private readonly documents = new ColouredDocuments();

  constructor(private readonly history: RunHistory) {}

  /** `label` is what the tab says; the host's output is shown. */
  uriOf({ head }: RunEntry, host: string, label: string): Uri {
    const name = printable(label, 80).replace(/[/\\?#%]+/g, ' ');
    return Uri.from({ scheme: outputScheme, path: `/${head.id}/${name}`, query: host });
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    await this.history.all();
    const entry = this.history.find(uri.path.split('/')[1] ?? '');
    const results = (await entry?.results()) ?? [];
    const result = results.find(({ host }) => host === uri.query);
    if (!result) return l10n.t('This output is no longer in the history.');
    const { text, spans } = outputText(result);
    this.documents.keep(uri, { text: `${text}\n`, spans });
    return `${text}\n`;
  }

  dispose(): void {
    this.documents.dispose();
  }
}
