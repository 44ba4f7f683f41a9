import { commands, l10n, type TextDocumentContentProvider, Uri } from 'vscode';
import { hexDump } from '../../core/keys/hexDump';
import { pathOfKey } from '../../core/keys/keyPath';
import { valueText } from '../../core/keys/valueText';
import { type KeyRow, keyOf, revisionOf, valuesOf } from '../../core/watch/watchLog';
import { watchedValueScheme } from './watchTarget';

/** Comparisons whose values are kept. */
const mostKept = 50;

/** The values of changes as documents: the watch has them, even when etcd has compacted them. */
export class WatchedValues implements TextDocumentContentProvider {
  private readonly kept = new Map<string, { before: string; after: string }>();
  private next = 0;

  /** Shows the value before and after a change side by side. */
  async compare(row: KeyRow, title: string): Promise<void> {
    const { before, after } = valuesOf(row);
    const id = String(this.next++);
    this.kept.set(id, { before: textOf(before), after: textOf(after) });
    const [oldest] = this.kept.keys();
    if (this.kept.size > mostKept) this.kept.delete(oldest!);
    const [left, right] = (['before', 'after'] as const).map((side) =>
      Uri.from({ scheme: watchedValueScheme, path: pathOfKey(keyOf(row)!), query: id, fragment: side }),
    );
    const name = l10n.t('{0} (before ↔ revision {1})', title, revisionOf(row) ?? 0);
    await commands.executeCommand('vscode.diff', left, right, name);
  }

  provideTextDocumentContent({ query, fragment }: Uri): string {
    const kept = this.kept.get(query);
    if (!kept) return l10n.t('This change is forgotten already.');
    return fragment === 'before' ? kept.before : kept.after;
  }
}

function textOf(value: Buffer | undefined): string {
  return value === undefined ? '' : (valueText(value) ?? hexDump(value));
}
