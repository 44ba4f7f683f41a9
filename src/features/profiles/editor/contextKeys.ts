/** Keys of the feature that `when` clauses ask. */
export const profilesContext = {
  hasActiveProfile: 'muster.hasActiveProfile',
  profilesMineOnly: 'muster.profilesMineOnly',
} as const;
