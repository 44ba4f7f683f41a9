/** Keys of the shell that `when` clauses ask. */
export const shellContext = {
  /** The welcome view waits for this, so that it does not flash up while an inventory is read. */
  loaded: 'muster.loaded',
  hasInventory: 'muster.hasInventory',
  inventoryFailed: 'muster.inventoryFailed',
  hostsFiltered: 'muster.hostsFiltered',
  busy: 'muster.busy',
} as const;
