import type { ExplicitSaves } from '../documents/explicitSaves';
import { ConfigCommands } from './configCommands';
import type { ConfigTree } from './configTree';
import type { KeyWritten } from './configWatch';
import type { EtcdClusters } from './etcdClusters';
import { EtcdFileSystem } from './etcdFileSystem';
import { EtcdValueDocuments } from './etcdValueDocuments';
import { RevisionCommands } from './revisionCommands';
import { WritePermission } from './writePermission';

/** What the Config view and its documents are made of. */
export function configParts({
  tree,
  clusters,
  saves,
  written,
}: {
  tree: ConfigTree;
  clusters: EtcdClusters;
  saves: ExplicitSaves;
  written: KeyWritten;
}) {
  const permission = new WritePermission();
  return {
    system: new EtcdFileSystem(clusters, saves, permission, written),
    values: new EtcdValueDocuments(clusters),
    commands: new ConfigCommands(tree, clusters, permission, written),
    revisions: new RevisionCommands(clusters, permission, written),
  };
}
