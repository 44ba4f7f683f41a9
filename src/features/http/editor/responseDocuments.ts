import {
  commands,
  type Disposable,
  l10n,
  type TextDocumentContentProvider,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';
import { printable } from '../../../platform/text/printable';
import { hostCount } from '../../../shell/editor/hosts/wording';
import { Disposables } from '../../../shell/editor/disposables';
import type { FoldedResponses } from '../core/foldResponses';
import { responseScheme } from './requestScheme';
import type { ResponseRecord } from './responseText';

/** Responses as read-only documents, kept while they are open. */
export class ResponseDocuments implements TextDocumentContentProvider, Disposable {
  private readonly owned = new Disposables();
  private readonly records = new Map<string, { record: ResponseRecord; text: string }>();
  private serial = 0;

  constructor() {
    this.owned.add(workspace.registerTextDocumentContentProvider(responseScheme, this));
    this.owned.add(
      workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === responseScheme && uri.query === '') this.records.delete(idOf(uri));
      }),
    );
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const known = this.records.get(idOf(uri));
    if (!known) return l10n.t('This document went with the window that it was made in.');
    if (uri.query === '') return known.text;
    const { comparedText } = await import('./responseText');
    const result = known.record.report.results.find(({ host }) => host === uri.query);
    return result ? comparedText(known.record, result).text : '';
  }

  /** Beside the file of requests, which keeps the focus: who is trying out requests goes on with them. */
  async show(record: ResponseRecord): Promise<void> {
    const { responseText, responsesText } = await import('./responseText');
    const { results } = record.report;
    const [only] = results;
    const one = only && results.length === 1 ? responseText(record, only) : undefined;
    const text = one?.text ?? responsesText(record);
    const from = one ? only!.host : record.selector;
    const name = printable(`${record.request} (${from})`, 100).replace(/[/\\?#%]+/g, ' ');
    // The name, or the folder, says which language it is.
    const folder = `${++this.serial}${one ? '' : '.muster-run'}`;
    const uri = Uri.from({ scheme: responseScheme, path: `/${folder}/${name}${one?.extension ?? ''}` });
    this.records.set(idOf(uri), { record, text });
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true });
  }

  /** Two groups of hosts of the document in front, in the diff editor. */
  async compareGroups(): Promise<void> {
    const uri = window.activeTextEditor?.document.uri;
    const known = uri?.scheme === responseScheme ? this.records.get(idOf(uri)) : undefined;
    if (!uri || !known) {
      void window.showInformationMessage(l10n.t('No responses of several hosts are open.'));
      return;
    }
    const [{ foldResponses }, { comparedText }] = await Promise.all([
      import('../core/foldResponses'),
      import('./responseText'),
    ]);
    const groups = foldResponses(known.record.report.results);
    if (groups.length < 2) {
      void window.showInformationMessage(l10n.t('All hosts had the same response.'));
      return;
    }
    const first = groups.length === 2 ? groups[0] : await pickGroup(groups, l10n.t('Compare which group?'));
    const others = groups.filter((group) => group !== first);
    const second =
      first &&
      (others.length === 1 ? others[0] : await pickGroup(others, l10n.t('Compare with which group?')));
    if (!first || !second) return;
    const uriOf = ({ hostSet, result }: FoldedResponses) => {
      const name = printable(hostSet, 80).replace(/[/\\?#%]+/g, ' ');
      const { extension } = comparedText(known.record, result);
      return Uri.from({
        scheme: responseScheme,
        path: `/${idOf(uri)}/${name}${extension}`,
        query: result.host,
      });
    };
    const title = [first, second].map(({ hostSet }) => printable(hostSet, 40)).join(' ↔ ');
    await commands.executeCommand('vscode.diff', uriOf(first), uriOf(second), title, { preview: true });
  }

  dispose(): void {
    this.records.clear();
    this.owned.dispose();
  }
}

async function pickGroup(
  groups: readonly FoldedResponses[],
  title: string,
): Promise<FoldedResponses | undefined> {
  const { outcomeOf } = await import('../core/responseParts');
  const items = groups.map((group) => ({
    label: printable(group.hostSet, 120),
    description: `${hostCount(group.hosts.length)} · ${outcomeOf(group.result)}`,
    group,
  }));
  return (await window.showQuickPick(items, { title }))?.group;
}

/** A folder without the name of its language. */
function idOf(uri: Uri): string {
  return (uri.path.split('/')[1] ?? '').replace(/\..*$/, '');
}
