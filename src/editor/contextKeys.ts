import { commands, type Disposable } from 'vscode';
import type { Fleets } from './fleets/fleets';

/** Keys that `when` clauses in package.json use to show only what can be used. */
export function followContextKeys(fleets: Fleets): Disposable {
  const update = () =>
    void commands.executeCommand('setContext', 'muster.hasInventory', fleets.shown.length > 0);
  update();
  return fleets.onDidChange(update);
}
