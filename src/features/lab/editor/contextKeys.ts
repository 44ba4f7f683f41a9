/** Keys of the feature that `when` clauses ask. */
export const labContext = {
  labRunning: 'muster.labRunning',
} as const;
