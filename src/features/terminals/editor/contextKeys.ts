/** Keys of the feature that `when` clauses ask. */
export const terminalsContext = {
  severalTerminals: 'muster.severalTerminals',
  broadcasting: 'muster.broadcasting',
} as const;
