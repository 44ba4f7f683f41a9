import {
  commands,
  type Disposable,
  l10n,
  type Tab,
  TabInputTextDiff,
  type TextDocument,
  type Uri,
  window,
  workspace,
} from 'vscode';
import { keyText } from '../../core/keys/keyText';
import { Disposables } from '../../../../shell/editor/disposables';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { valueUri } from './etcdValueDocuments';
import type { KeyPlace } from '../config/configNodes';

/** What others wrote, beside documents that were not saved for it; until they are, for the titles say so. */
export class SaveConflicts implements Disposable {
  private readonly owned = new Disposables();
  /** The titles of the comparisons of a document, by its URI. */
  private readonly titles = new Map<string, Set<string>>();

  constructor(private readonly clusters: EtcdClusters) {
    this.owned.add(workspace.onDidSaveTextDocument((document) => void this.end(document)));
  }

  /** Opens what somebody else wrote at `revision` beside the document, which is edited there. */
  async show({ cluster, key }: KeyPlace, revision: number, document: Uri): Promise<void> {
    const theirs = valueUri(this.clusters, cluster, key, revision);
    const title = l10n.t('{0}: revision {1} ↔ yours, not saved', keyText(key), revision);
    const id = document.toString();
    this.titles.set(id, (this.titles.get(id) ?? new Set()).add(title));
    await commands.executeCommand('vscode.diff', theirs, document, title);
  }

  dispose(): void {
    this.owned.dispose();
  }

  /** The document takes the place of its comparisons. */
  private async end({ uri }: TextDocument): Promise<void> {
    const titles = this.titles.get(uri.toString());
    if (!this.titles.delete(uri.toString())) return;
    const isEnded = (tab: Tab) =>
      titles?.has(tab.label) === true && comparedBy(tab)?.toString() === uri.toString();
    for (const { tabs, viewColumn, isActive } of window.tabGroups.all) {
      if (!tabs.some((tab) => tab.isActive && isEnded(tab))) continue;
      const editor = window.activeTextEditor;
      const selection = editor?.document.uri.toString() === uri.toString() ? editor.selection : undefined;
      const place = { viewColumn, preserveFocus: !isActive, preview: false };
      await window.showTextDocument(uri, { ...place, ...(selection && { selection }) });
    }
    // Opening the document may have made other objects of the tabs.
    const ended = window.tabGroups.all.flatMap(({ tabs }) => tabs.filter(isEnded));
    await window.tabGroups.close(ended, true);
  }
}

function comparedBy({ input }: Tab): Uri | undefined {
  return input instanceof TabInputTextDiff ? input.modified : undefined;
}
