import {
  type Disposable,
  DocumentSymbol,
  type DocumentSymbolProvider,
  EventEmitter,
  l10n,
  Range,
  SymbolKind,
  type TextDocument,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from 'vscode';
import { printable } from '../../../platform/text/printable';
import { Disposables } from '../../../shell/editor/disposables';
import type { HostChoice } from '../../../shell/editor/commands/pickHosts';
import type { Comparison } from '../core/compareFacts';
import type { FactTable } from '../core/factTable';
import { factText } from '../core/factDiff';
import { driftScheme } from './driftScheme';

/** What was asked of which hosts, and what they showed. */
export interface Drift {
  readonly choice: HostChoice;
  readonly keys: readonly string[];
  readonly table: FactTable;
  readonly comparison: Comparison;
  readonly text: string;
}

/**
 * How hosts differ as read-only documents, kept while they are open; and what a host shows, for the diff editor. The folder
 * names their language.
 */
export class DriftDocuments implements TextDocumentContentProvider, DocumentSymbolProvider, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<Uri>());
  readonly onDidChange = this.changed.event;
  private readonly drifts = new Map<string, Drift>();
  private serial = 0;

  constructor() {
    this.owned.add(
      workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === driftScheme && uri.query === '') this.drifts.delete(idOf(uri));
      }),
    );
  }

  provideTextDocumentContent(uri: Uri): string {
    const drift = this.of(uri);
    if (!drift) return l10n.t('This comparison went with the window or the document that it was made in.');
    return uri.query === '' ? drift.text : factText(drift.table, uri.query);
  }

  /** What stands at the margin, with what is one step below it. */
  provideDocumentSymbols(document: TextDocument): DocumentSymbol[] {
    const symbols: DocumentSymbol[] = [];
    for (let number = 0; number < document.lineCount; number++) {
      const { text, range } = document.lineAt(number);
      const name = text.trim();
      if (name === '') continue;
      const depth = text.length - text.trimStart().length;
      const symbol = new DocumentSymbol(name, '', SymbolKind.Key, range, range);
      const last = symbols.at(-1);
      if (depth === 0) symbols.push(symbol);
      else if (last && depth === 2) last.children.push(symbol);
      if (last && depth > 0) last.range = new Range(last.range.start, range.end);
    }
    return symbols;
  }

  /** What the document shows, or was made of. */
  of(uri: Uri): Drift | undefined {
    return uri.scheme === driftScheme ? this.drifts.get(idOf(uri)) : undefined;
  }

  async show(drift: Drift): Promise<void> {
    const name = l10n.t('Drift: {0}', printable(drift.choice.selector, 60)).replace(/[/\\?#%]+/g, ' ');
    const uri = Uri.from({ scheme: driftScheme, path: `/${++this.serial}.${driftScheme}/${name}` });
    this.drifts.set(idOf(uri), drift);
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { preview: false });
  }

  /** The same document with what there is now, and what hosts show beside it: either may have asked. */
  replace(uri: Uri, drift: Drift): void {
    this.drifts.set(idOf(uri), drift);
    for (const { uri: open } of workspace.textDocuments)
      if (open.scheme === driftScheme && idOf(open) === idOf(uri)) this.changed.fire(open);
  }

  /** All that the host shows, beside the document. */
  uriOfHost(uri: Uri, host: string, label: string): Uri {
    const name = printable(label, 80).replace(/[/\\?#%]+/g, ' ');
    return uri.with({ path: `/${idOf(uri)}/${name}`, query: host });
  }

  dispose(): void {
    this.drifts.clear();
    this.owned.dispose();
  }
}

function idOf(uri: Uri): string {
  return uri.path.split('/')[1] ?? '';
}
