import { commands, type Disposable, l10n, window } from 'vscode';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { defineSetting } from '../../../shell/editor/settings';
import { printable } from '../../../platform/text/printable';
import type { EndedChecks, FleetChecks } from './fleetChecks';
import { hostChanges } from './hostChanges';

const stateChangesSetting = defineSetting('notifications.stateChanges', (value) =>
  value === 'off' || value === 'always' ? value : 'autoCheck',
);
const shownNames = 5;

/** Tells of hosts that became sick or well in a batch, with one notification for all of them. */
export function notifyOfStateChanges(
  checks: Pick<FleetChecks, 'onDidEnd'>,
  showHistory: (fleet: Fleet, host: string) => unknown,
): Disposable {
  return checks.onDidEnd((ended) => {
    const wanted = stateChangesSetting.get();
    if (wanted === 'always' || (wanted === 'autoCheck' && ended.automatic)) void tell(ended, showHistory);
  });
}

async function tell(
  { before }: EndedChecks,
  showHistory: (fleet: Fleet, host: string) => unknown,
): Promise<void> {
  const changes = [...before].map(([fleet, hosts]) => ({
    fleet,
    ...hostChanges(hosts, (host) => fleet.verdicts.host(host).status),
  }));
  const [unhealthy, degraded, recovered] = (['unhealthy', 'degraded', 'recovered'] as const).map((kind) =>
    changes.flatMap((change) => change[kind].map((host) => ({ fleet: change.fleet, host }))),
  ) as [Changed, Changed, Changed];
  const [first] = [...unhealthy, ...degraded, ...recovered];
  if (!first) return;
  const message = [
    becameUnhealthy(unhealthy.map(nameOf)),
    becameDegraded(degraded.map(nameOf)),
    haveRecovered(recovered.map(nameOf)),
  ]
    .filter(Boolean)
    .join(' ');
  const show = l10n.t('Show');
  const history = l10n.t('Show History');
  const choice =
    unhealthy.length + degraded.length > 0
      ? await window.showWarningMessage(message, show, history)
      : await window.showInformationMessage(message, show, history);
  if (choice === show) await commands.executeCommand('muster.hosts.focus');
  if (choice === history) await showHistory(first.fleet, first.host);
}

type Changed = { fleet: Fleet; host: string }[];

function nameOf({ host }: Changed[number]): string {
  return host;
}

function becameUnhealthy(hosts: readonly string[]): string {
  if (hosts.length === 0) return '';
  if (hosts.length === 1) return l10n.t('1 host became unhealthy: {0}.', namesOf(hosts));
  return l10n.t('{0} hosts became unhealthy: {1}.', hosts.length, namesOf(hosts));
}

function becameDegraded(hosts: readonly string[]): string {
  if (hosts.length === 0) return '';
  if (hosts.length === 1) return l10n.t('1 host became degraded: {0}.', namesOf(hosts));
  return l10n.t('{0} hosts became degraded: {1}.', hosts.length, namesOf(hosts));
}

function haveRecovered(hosts: readonly string[]): string {
  if (hosts.length === 0) return '';
  if (hosts.length === 1) return l10n.t('1 host recovered: {0}.', namesOf(hosts));
  return l10n.t('{0} hosts recovered: {1}.', hosts.length, namesOf(hosts));
}

function namesOf(hosts: readonly string[]): string {
  const names = hosts.slice(0, shownNames).map((host) => printable(host, 40));
  const more = hosts.length - names.length;
  return names.join(', ') + (more > 0 ? l10n.t(' and {0} more', more) : '');
}
