import { type Disposable, l10n, StatusBarAlignment, window } from 'vscode';
import { Disposables } from './disposables';
import { tallyStatus } from './fleets/checkVerdicts';
import type { Fleets } from './fleets/fleets';
import type { HostsTree } from './trees/hostsTree';
import { tallyText } from './trees/wording';

const icons = {
  healthy: '$(pass)',
  degraded: '$(warning)',
  unhealthy: '$(error)',
  skipped: '$(circle-slash)',
  unknown: '$(server)',
};

/** `$(pass) 197/200`: healthy hosts of all; a click leads to the view. */
export function createStatusBar(fleets: Fleets, tree: HostsTree): Disposable {
  const owned = new Disposables();
  const item = owned.add(window.createStatusBarItem('muster.fleet', StatusBarAlignment.Left));
  item.name = 'Muster';
  item.command = 'muster.hosts.focus';
  const update = () => {
    const [only, ...others] = fleets.shown.map((fleet) =>
      fleet.verdicts.tally(fleet.inventory!.hosts.keys()),
    );
    if (!only) return item.hide();
    for (const tally of others) {
      for (const key of Object.keys(tally) as (keyof typeof tally)[]) only[key] += tally[key];
    }
    const checked = only.total - only.unknown > 0;
    const icon = only.pending > 0 ? '$(loading~spin)' : icons[tallyStatus(only)];
    item.text = `${icon} ${checked ? `${only.healthy}/${only.total}` : only.total}`;
    item.tooltip = l10n.t('Muster: {0}', tallyText(only));
    item.accessibilityInformation = { label: item.tooltip };
    item.show();
  };
  owned.add(tree.onDidFlush(update));
  update();
  return owned;
}
