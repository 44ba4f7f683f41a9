import { type Disposable, l10n, StatusBarAlignment, window } from 'vscode';
import { Disposables } from './disposables';
import { tallyStatus } from './fleets/checkVerdicts';
import type { Fleets } from './fleets/fleets';
import type { HostsTree } from './hosts/hostsTree';
import { tallyText } from './hosts/wording';

const icons = {
  healthy: '$(pass)',
  degraded: '$(warning)',
  unhealthy: '$(error)',
  skipped: '$(circle-slash)',
  unknown: '$(server)',
};

/** `$(pass) 197/200`: healthy hosts of all; a click leads to the view. */
export class StatusBar implements Disposable {
  private readonly owned = new Disposables();
  private readonly item = this.owned.add(window.createStatusBarItem('muster.fleet', StatusBarAlignment.Left));
  private shownNote = '';

  constructor(
    private readonly fleets: Fleets,
    tree: HostsTree,
  ) {
    this.item.name = 'Muster';
    this.item.command = 'muster.hosts.focus';
    this.owned.add(tree.onDidFlush(() => this.update()));
    this.update();
  }

  /** One more line of the tooltip; empty for none. */
  get note(): string {
    return this.shownNote;
  }

  setNote(note: string): void {
    if (note === this.shownNote) return;
    this.shownNote = note;
    this.update();
  }

  dispose(): void {
    this.owned.dispose();
  }

  private update(): void {
    const { item } = this;
    const [first, ...others] = this.fleets.shown.map((fleet) => fleet.tally);
    if (!first) return item.hide();
    const all = { ...first };
    for (const tally of others) {
      for (const key of Object.keys(tally) as (keyof typeof tally)[]) all[key] += tally[key];
    }
    const checked = all.total - all.unknown > 0;
    const icon = all.pending > 0 ? '$(loading~spin)' : icons[tallyStatus(all)];
    item.text = `${icon} ${checked ? `${all.healthy}/${all.total}` : all.total}`;
    item.tooltip = [l10n.t('Muster: {0}', tallyText(all)), this.note].filter(Boolean).join('\n');
    item.accessibilityInformation = { label: item.tooltip };
    item.show();
  }
}
