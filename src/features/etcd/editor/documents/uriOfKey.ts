import type { Uri } from 'vscode';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { etcdScheme, etcdUri } from './etcdUri';

/** Names the inventory only where another one has a cluster of that name. */
export function uriOfKey(clusters: EtcdClusters, cluster: Cluster, key: Buffer, scheme = etcdScheme): Uri {
  const inventory = clusters.isNamesake(cluster) ? cluster.fleet.id : undefined;
  return etcdUri({ cluster: cluster.name, key, ...(inventory !== undefined && { inventory }) }, scheme);
}
