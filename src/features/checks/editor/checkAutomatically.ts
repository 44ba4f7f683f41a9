import { ConfigurationTarget, type Disposable, l10n, type QuickPickItem, window, workspace } from 'vscode';
import { timeOfDay } from '../../../shell/editor/text/localTime';
import { assertTrusted } from '../../../shell/editor/batches';
import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import { defineSetting, durationOf } from '../../../shell/editor/settings';
import { AutoCheck, type AutoCheckState } from './autoCheck';

const shortestMs = 5_000;
const longestMs = 86_400_000;

/** Milliseconds between checks, at least 5 seconds and at most a day; undefined while they are off. */
export const autoCheckIntervalSetting = defineSetting('autoCheck.interval', (value) => {
  const ms = durationOf(value);
  return ms === undefined || ms === 0 ? undefined : Math.min(longestMs, Math.max(shortestMs, ms));
});

/** Checks everything on an interval while someone is at this window. */
export class AutomaticChecks implements Disposable {
  private readonly owned = new Disposables();
  private readonly schedule: AutoCheck;

  constructor({ fleets, checks, statusBar, logger }: Ports<'fleets' | 'checks' | 'statusBar' | 'logger'>) {
    this.schedule = new AutoCheck(
      {
        now: Date.now,
        random: Math.random,
        interval: () => autoCheckIntervalSetting.get(),
        mayRun: () => window.state.focused && workspace.isTrusted && fleets.loaded,
        isBusy: () => checks.busy,
        check: async (signal) => {
          const plan = new Map(
            fleets.shown.map((fleet) => [fleet, fleet.targetsOf(fleet.inventory!.hosts.keys())]),
          );
          if (![...plan.values()].some(({ length }) => length > 0)) return;
          await checks.check(plan, { signal, automatic: true, quiet: true, overrideCircuit: false });
        },
        failed: (error) => logger.error(`automatic check: ${String(error)}`),
      },
      () => statusBar.setNote(stateText(this.schedule?.state)),
    );
    const update = () => this.schedule.update();
    this.owned.add(this.schedule);
    this.owned.add(window.onDidChangeWindowState(update));
    this.owned.add(workspace.onDidGrantWorkspaceTrust(update));
    this.owned.add(autoCheckIntervalSetting.onDidChange(update));
    this.owned.add(fleets.onDidChange(update));
    update();
  }

  /** Lets the user choose how often, or that it ends. */
  readonly choose = async (): Promise<void> => {
    assertTrusted();
    const current = workspace.getConfiguration('muster').get('autoCheck.interval', '').trim();
    const offered = ['30s', '1m', '5m', '15m', '1h'];
    const other: IntervalItem = { label: l10n.t('Other Interval…') };
    const items: IntervalItem[] = [
      { label: l10n.t('Off'), interval: '' },
      ...[...new Set([...offered, ...(current === '' ? [] : [current])])].map((interval) => ({
        label: l10n.t('Every {0}', interval),
        interval,
      })),
      other,
    ];
    for (const item of items) if (item.interval === current) item.description = l10n.t('now');
    const picked = await window.showQuickPick(items, {
      title: l10n.t('Check Automatically'),
      placeHolder: stateText(this.schedule.state) || l10n.t('Automatic checks are off.'),
    });
    const interval = picked === other ? await typedInterval(current) : picked?.interval;
    if (interval === undefined) return;
    const target = workspace.workspaceFolders ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
    await workspace.getConfiguration('muster').update('autoCheck.interval', interval, target);
  };

  dispose(): void {
    this.owned.dispose();
  }
}

interface IntervalItem extends QuickPickItem {
  interval?: string;
}

async function typedInterval(current: string): Promise<string | undefined> {
  const typed = await window.showInputBox({
    title: l10n.t('Check Automatically'),
    prompt: l10n.t('Time between checks, e.g. 90s or 10m; at least 5s.'),
    value: current,
    validateInput: (text) => {
      const ms = durationOf(text);
      return ms !== undefined && ms >= shortestMs && ms <= longestMs
        ? undefined
        : l10n.t('Write a number and a unit from 5s to 1d, as in 90s or 10m.');
    },
  });
  return typed?.trim();
}

function stateText(state: AutoCheckState | undefined): string {
  switch (state?.kind) {
    case 'paused':
      return l10n.t('Automatic checks are paused until the window has the focus.');
    case 'waiting':
      return l10n.t('Next automatic check at {0}', timeOfDay(state.until));
    case 'checking':
      return l10n.t('An automatic check is under way.');
    case 'off':
    case undefined:
      return '';
  }
}
