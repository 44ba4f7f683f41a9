/** Keys of the feature that `when` clauses ask. */
export const forwardsContext = {
  forwarding: 'muster.forwarding',
} as const;
