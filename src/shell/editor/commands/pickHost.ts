import { type CancellationToken, l10n, type QuickPickItem, window } from 'vscode';
import type { Fleet } from '../fleets/fleet';
import type { Fleets } from '../fleets/fleets';

/** A host of a fleet. */
export interface HostPick {
  fleet: Fleet;
  host: string;
}

type HostItem = QuickPickItem & HostPick;

/** Asks for one host; undefined when the question was left, or there is none. */
export async function pickHost(
  fleets: Fleets,
  title: string,
  token?: CancellationToken,
): Promise<HostPick | undefined> {
  const items = hostItems(fleets);
  if (items.length === 0) return tellNoHosts();
  return window.showQuickPick(items, { title, matchOnDescription: true, matchOnDetail: true }, token);
}

/** Asks for any number of hosts. */
export async function pickSomeHosts(fleets: Fleets, title: string): Promise<readonly HostPick[]> {
  const items = hostItems(fleets);
  if (items.length === 0) await tellNoHosts();
  const options = { title, canPickMany: true, matchOnDescription: true, matchOnDetail: true } as const;
  return items.length === 0 ? [] : ((await window.showQuickPick(items, options)) ?? []);
}

function hostItems(fleets: Fleets): HostItem[] {
  const several = fleets.shown.length > 1;
  return fleets.shown.flatMap((fleet) =>
    [...fleet.inventory!.hosts.values()].map((host) => ({
      label: host.name,
      description: host.address === host.name ? '' : host.address,
      detail: [...(several ? [fleet.label] : []), ...host.groups.map((group) => `@${group}`)].join(' '),
      fleet,
      host: host.name,
    })),
  );
}

async function tellNoHosts(): Promise<undefined> {
  await window.showInformationMessage(l10n.t('There is no inventory with hosts.'));
  return undefined;
}
