/** Keys of the feature that `when` clauses ask. */
export const etcdContext = {
  hasEtcd: 'muster.hasEtcd',
  keysFiltered: 'muster.keysFiltered',
  hasComparison: 'muster.hasComparison',
  comparisonCanApply: 'muster.comparisonCanApply',
  hasConsent: 'muster.hasConsent',
} as const;
