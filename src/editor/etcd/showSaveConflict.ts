import { commands, l10n, type Uri } from 'vscode';
import { keyText } from '../../core/etcd/keyText';
import type { EtcdClusters } from './etcdClusters';
import { valueUri } from './etcdValueDocuments';
import type { KeyPlace } from './keyHistoryView';

/** Opens what somebody else wrote at `revision` beside the document that was not saved, which is edited there. */
export async function showSaveConflict(
  clusters: EtcdClusters,
  { cluster, key }: KeyPlace,
  revision: number,
  document: Uri,
): Promise<void> {
  const theirs = valueUri(clusters, cluster, key, revision);
  const title = l10n.t('{0}: revision {1} ↔ yours, not saved', keyText(key), revision);
  await commands.executeCommand('vscode.diff', theirs, document, title);
}
