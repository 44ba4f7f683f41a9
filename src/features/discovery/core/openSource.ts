import type { EtcdClusters } from '../../etcd/core/client/etcdClusters';
import type { InventorySource } from '../../../platform/inventory/sources/inventorySource';
import type { Discovery } from './discovery';
import { EtcdSource } from './etcdSource';
import { SrvSource } from './srvSource';

/** What sources reach what they ask through. */
export interface SourcePorts {
  clusters: Pick<EtcdClusters, 'ready'>;
}

/** What finds the hosts of a group; nothing is connected to yet. */
export function openSource(discovery: Discovery, { clusters }: SourcePorts): InventorySource {
  const { registry } = discovery;
  return registry.kind === 'etcd'
    ? new EtcdSource(discovery, registry, clusters)
    : new SrvSource(discovery, registry);
}
