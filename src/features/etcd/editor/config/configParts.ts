import type { ExplicitSaves } from '../../../../shell/editor/documents/explicitSaves';
import { ConfigCommands } from './configCommands';
import type { ConfigTree } from './configTree';
import type { KeyWritten } from './configWatch';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { EtcdFileSystem } from '../documents/etcdFileSystem';
import { EtcdValueDocuments } from '../documents/etcdValueDocuments';
import { RevisionCommands } from '../documents/revisionCommands';
import { WritePermission } from '../clusters/writePermission';

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
