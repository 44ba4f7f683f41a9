import { l10n, type Uri } from 'vscode';
import { keyText } from '../../core/keys/keyText';
import type { ComparedSide } from '../../core/compare/prefixDifferences';
import type { PrefixFileEntry } from '../../core/compare/prefixFile';
import { printable } from '../../../../platform/text/printable';
import { MusterError } from '../../../../platform/errors/errors';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';

/** What keys are compared of. */
export type Side = ClusterPlace | FilePlace;

/** The keys below a prefix, now or at a revision of the past. */
export interface ClusterPlace {
  readonly kind: 'cluster';
  readonly cluster: Cluster;
  readonly prefix: Buffer;
  readonly revision?: number;
}

export interface FilePlace {
  readonly kind: 'file';
  readonly uri: Uri;
  /** In the order of etcd. */
  readonly entries: readonly PrefixFileEntry[];
}

/** `main:/config/`, `main:/config/ at revision 120`, or the name of the file. */
export function sideLabel(side: Side): string {
  if (side.kind === 'file') return printable(side.uri.path.split('/').at(-1)!, 100);
  const place = `${printable(side.cluster.name)}:${keyText(side.prefix, 100)}`;
  return side.revision === undefined ? place : l10n.t('{0} at revision {1}', place, side.revision);
}

/** The same side in the inventory as it is now. @throws MusterError INVENTORY when the cluster is no longer in it */
export function currentSide<Place extends Side>(side: Place, clusters: EtcdClusters): Place {
  if (side.kind === 'file') return side;
  const { name, fleet } = side.cluster;
  const cluster = clusters.find(name, fleet.id);
  if (cluster) return { ...side, cluster };
  throw new MusterError('INVENTORY', l10n.t('The cluster {0} is not in an open inventory.', name));
}

/** Connects to it, if that is needed. */
export async function openSide(side: Side): Promise<ComparedSide> {
  if (side.kind === 'file') return { kind: 'file', entries: side.entries };
  const { cluster, prefix, revision } = side;
  return {
    ...{ kind: 'cluster', etcd: await cluster.open(), prefix },
    ...(revision !== undefined && { revision }),
    call: { signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs },
  };
}
