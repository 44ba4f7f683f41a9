import { all, isTrusted } from '../../../shell/editor/manifest/whenClauses';

/** Keys of the feature that `when` clauses ask. */
export const etcdContext = {
  hasEtcd: 'muster.hasEtcd',
  keysFiltered: 'muster.keysFiltered',
  hasComparison: 'muster.hasComparison',
  comparisonCanApply: 'muster.comparisonCanApply',
  hasConsent: 'muster.hasConsent',
} as const;

/** What connects to clusters needs both. */
export const canReachClusters = all(isTrusted, etcdContext.hasEtcd);
