import type { Disposable } from 'vscode';
import { shellContext } from './contextKeys';
import type { Fleets } from './fleets/fleets';
import { setContext } from './setContext';

/** Keeps the keys of `when` clauses that inventories decide. */
export function followContextKeys(fleets: Fleets): Disposable {
  return fleets.onDidChange(() => {
    void setContext(shellContext.loaded, fleets.loaded);
    void setContext(shellContext.hasInventory, fleets.shown.length > 0);
    void setContext(
      shellContext.inventoryFailed,
      fleets.all.some(
        ({ inventory, problems }) =>
          !inventory?.hosts.size && problems.some(({ severity }) => severity === 'error'),
      ),
    );
  });
}
