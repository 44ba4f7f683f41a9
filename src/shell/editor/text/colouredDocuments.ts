import { type Disposable, type Uri, window, workspace } from 'vscode';
import { Disposables } from '../disposables';
import { defineSetting } from '../settings';
import { AnsiDecorations } from './ansiDecorations';
import type { AnsiText } from './ansiText';

/** Whether colours are shown, or taken out. */
export const ansiSetting = defineSetting('runs.ansi', (value) => (value === 'strip' ? 'strip' : 'render'));

/** Texts of read-only documents and their colours, kept while the documents are open. */
export class ColouredDocuments implements Disposable {
  private readonly owned = new Disposables();
  private readonly decorations = this.owned.add(new AnsiDecorations());
  private readonly texts = new Map<string, AnsiText>();

  constructor() {
    this.owned.add(workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())));
    this.owned.add(window.onDidChangeVisibleTextEditors(() => this.draw()));
    this.owned.add(ansiSetting.onDidChange(() => this.draw()));
  }

  keep(uri: Uri, text: AnsiText): void {
    this.texts.set(uri.toString(), text);
  }

  textOf(uri: Uri): string | undefined {
    return this.texts.get(uri.toString())?.text;
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
