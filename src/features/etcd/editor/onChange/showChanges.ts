import { commands, l10n, window } from 'vscode';
import type { ChangeSet, ChangedKey } from '../../core/rules/changeRules';
import { keyText } from '../../core/keys/keyText';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { valueUri } from '../documents/etcdValueDocuments';
import { uriOfKey } from '../documents/uriOfKey';

/** Keys compared at once. */
const maxShown = 100;

/** What the keys were before and are after, side by side; etcd is asked when they are shown. */
export async function showChanges(
  clusters: EtcdClusters,
  cluster: Cluster,
  rule: string,
  changes: ChangeSet,
): Promise<void> {
  const shown = changes.keys.slice(0, maxShown);
  const [first] = shown;
  if (!first) {
    const { from, to } = changes.gap!;
    await window.showInformationMessage(
      l10n.t('Nobody saw the revisions {0} to {1}, and none of the keys differs now.', from, to),
    );
    return;
  }
  const { before, after } = sidesOf(clusters, cluster, first);
  if (shown.length === 1 && before) {
    const title = l10n.t('{0}: before ↔ after', keyText(first.key, 100));
    await commands.executeCommand('vscode.diff', before, after, title);
    return;
  }
  const resources = shown.map((change) => {
    const sides = sidesOf(clusters, cluster, change);
    return [
      uriOfKey(clusters, cluster, change.key),
      sides.before,
      change.isDeleted ? undefined : sides.after,
    ];
  });
  const hidden = changes.keys.length + changes.unlisted - shown.length;
  const title =
    hidden > 0
      ? l10n.t('{0}: changes of {1} keys, more not shown', rule, shown.length)
      : l10n.t('{0}: changes', rule);
  await commands.executeCommand('vscode.changes', title, resources);
}

function sidesOf(clusters: EtcdClusters, cluster: Cluster, { key, before, after }: ChangedKey) {
  return {
    before: before === undefined ? undefined : valueUri(clusters, cluster, key, before),
    after: valueUri(clusters, cluster, key, after),
  };
}
