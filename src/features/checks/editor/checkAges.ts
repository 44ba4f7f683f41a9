import { type Disposable, window } from 'vscode';
import { Disposables } from '../../../shell/editor/disposables';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { durationOf, defineSetting } from '../../../shell/editor/settings';
import { age } from '../../../shell/editor/text/age';

/** Milliseconds after which a result is greyed; undefined for never. */
const staleAfterSetting = defineSetting('checks.staleAfter', durationOf);

const tickMs = 30_000;

/** Lets results age on screen: rows are drawn anew when what they say of their age changes. */
export class CheckAges implements Disposable {
  private readonly owned = new Disposables();
  private readonly texts = new WeakMap<Fleet, Map<string, string>>();
  private readonly timer: NodeJS.Timeout;
  private readonly since = Date.now();

  constructor(private readonly fleets: Fleets) {
    this.timer = setInterval(() => {
      if (window.state.focused) this.update();
    }, tickMs);
    this.owned.add(window.onDidChangeWindowState(({ focused }) => focused && this.update()));
    this.owned.add(staleAfterSetting.onDidChange(() => this.update()));
    this.owned.add(fleets.onDidChange(() => this.update()));
    this.update();
  }

  dispose(): void {
    clearInterval(this.timer);
    this.owned.dispose();
  }

  private update(): void {
    const now = Date.now();
    const staleAfter = staleAfterSetting.get();
    for (const fleet of this.fleets.all) {
      fleet.verdicts.staleBefore = staleAfter === undefined ? 0 : now - staleAfter;
      fleet.verdicts.agedBefore = Math.max(this.since, fleet.verdicts.staleBefore);
      fleet.refresh(this.changedHosts(fleet, now));
    }
  }

  private changedHosts(fleet: Fleet, now: number): Set<string> {
    const texts = new Map<string, string>();
    const before = this.texts.get(fleet);
    const changed = new Set<string>();
    const { staleBefore, agedBefore } = fleet.verdicts;
    for (const host of fleet.inventory?.hosts.keys() ?? []) {
      const text = fleet
        .checksOf(host)
        .map(({ name }) => fleet.verdicts.checkedAt(host, name))
        .map((at) => (at !== undefined && at < agedBefore ? `${at < staleBefore} ${age(now - at)}` : ''))
        .join();
      texts.set(host, text);
      // What is new was drawn by whoever brought it.
      if (before?.has(host) && before.get(host) !== text) changed.add(host);
    }
    this.texts.set(fleet, texts);
    return changed;
  }
}
