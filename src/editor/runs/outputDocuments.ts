import { type Disposable, l10n, Uri, window, workspace } from 'vscode';
import { printable } from '../../core/printable';
import { Disposables } from '../disposables';
import { defineSetting } from '../settings';
import { AnsiDecorations } from './ansiDecorations';
import type { AnsiText } from './ansiText';
import { outputText } from './outputText';
import type { RunEntry, RunHistory } from './runHistory';

/** Registered where the feature is wired. */
const outputScheme = 'muster-output';

/** Whether colours are shown, or taken out. */
export const ansiSetting = defineSetting('runs.ansi', (value) => (value === 'strip' ? 'strip' : 'render'));

/** The output of a host, or of a group of hosts with the same, as read-only documents made from the history. */
export class OutputDocuments implements Disposable {
  private readonly owned = new Disposables();
  private readonly decorations = this.owned.add(new AnsiDecorations());
  private readonly texts = new Map<string, AnsiText>();

  constructor(private readonly history: RunHistory) {
    this.owned.add(workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())));
    this.owned.add(window.onDidChangeVisibleTextEditors(() => this.draw()));
    this.owned.add(ansiSetting.onDidChange(() => this.draw()));
  }

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
    if (!result) return l10n.t('This output is not in the history any more.');
    const text = outputText(result);
    this.texts.set(uri.toString(), text);
    return text.text;
  }

  dispose(): void {
    this.texts.clear();
    this.owned.dispose();
  }

  private draw(): void {
    for (const editor of window.visibleTextEditors) {
      const text = this.texts.get(editor.document.uri.toString());
      if (text) this.decorations.draw(editor, ansiSetting.get() === 'render' ? text.spans : []);
    }
  }
}
