import { l10n, window } from 'vscode';
import { type ConfigNode, prefixOf } from '../config/configNodes';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { targetOf, type WatchTarget } from './watchTarget';

/** What a row of the Config view stands for, or a cluster and a prefix that are asked for. */
export async function pickTarget(
  node: ConfigNode | undefined,
  { all }: EtcdClusters,
): Promise<WatchTarget | undefined> {
  if (node?.kind === 'key') return targetOf(node.cluster, node.kv.key, true);
  if (node?.kind === 'cluster' || node?.kind === 'folder')
    return targetOf(node.cluster, prefixOf(node), false);
  const items = all.map((cluster) => ({ label: cluster.name, description: cluster.fleet.label, cluster }));
  const title = l10n.t('Watch which etcd cluster?');
  const picked = items.length < 2 ? items[0] : await window.showQuickPick(items, { title });
  if (!picked) return undefined;
  const prefix = await window.showInputBox({
    title: l10n.t('Watch which prefix of {0}?', picked.cluster.name),
    prompt: l10n.t('What the keys begin with; empty for all keys'),
    value: picked.cluster.prefix.toString(),
  });
  return prefix === undefined ? undefined : targetOf(picked.cluster, Buffer.from(prefix), false);
}
