import { commands, type Disposable } from 'vscode';
import type { Fleets } from './fleets/fleets';

/** Keys that `when` clauses in package.json use to show only what can be used. */
export function followContextKeys(fleets: Fleets): Disposable {
  return fleets.onDidChange(() => {
    // The welcome view waits for this, so that it does not flash up while an inventory is read.
    setContext('muster.loaded', fleets.loaded);
    setContext('muster.hasInventory', fleets.shown.length > 0);
    setContext(
      'muster.inventoryFailed',
      fleets.all.some(
        ({ inventory, problems }) =>
          !inventory?.hosts.size && problems.some(({ severity }) => severity === 'error'),
      ),
    );
  });
}

function setContext(key: string, value: boolean): void {
  void commands.executeCommand('setContext', key, value);
}
