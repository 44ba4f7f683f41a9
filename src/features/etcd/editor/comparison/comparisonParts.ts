import type { EtcdClusters } from '../clusters/etcdClusters';
import { ComparisonCommands } from './comparisonCommands';
import { ComparisonView } from './comparisonView';

/** What comparing is made of. */
export function comparisonParts(clusters: EtcdClusters) {
  const view = new ComparisonView(clusters);
  return { view, commands: new ComparisonCommands(view, clusters) };
}
