import { l10n, window, workspace } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import { choiceBySelector } from '../../../shell/editor/commands/hostChoice';
import { type HostChoice, pickFleet, pickHostsStep } from '../../../shell/editor/commands/pickHosts';
import { back } from '../../../shell/editor/commands/quickPickStep';
import { readOnlyRefusal } from '../../../shell/editor/commands/readOnlyRefusal';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { isSafe } from '../core/httpRequest';
import { thisMachine } from '../core/thisMachine';
import type { OpenRequest } from './requestFiles';

/** Who sends a request. */
export interface Senders extends HostChoice {
  /** As in a request of the core: from each host, or from this machine. */
  readonly from: 'host' | 'local';
}

/** Those that the file names; else the user says whether it is this machine. Undefined where it was left. */
export async function sendersOf(open: OpenRequest, fleets: Fleets): Promise<Senders | undefined> {
  const { hosts } = open.request;
  if (hosts.length > 0) {
    const fleet = await fleetOf(open, fleets);
    return fleet && { ...(await choiceBySelector(fleet, hosts.join(' '))), from: 'host' };
  }
  if (fleets.shown.length === 0) return fromThisMachine(open, fleets);
  const items = [
    { label: `$(vm) ${l10n.t('This Machine')}`, choose: () => fromThisMachine(open, fleets) },
    { label: `$(server-process) ${l10n.t('Hosts…')}`, choose: () => chooseSenders(open, fleets) },
  ];
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Send from where?'),
    placeHolder: l10n.t('“# @hosts SELECTOR” before the request answers this.'),
  });
  return picked?.choose();
}

/** Those that the user chooses; hosts that nothing may be changed on are refused for what changes something. */
export async function chooseSenders(open: OpenRequest, fleets: Fleets): Promise<Senders | undefined> {
  const fleet = await fleetOf(open, fleets);
  if (!fleet) return undefined;
  const { method, hosts } = open.request;
  const choice = await pickHostsStep(fleet, l10n.t('Send from which hosts?'), {
    selector: hosts.join(' '),
    ...(!isSafe(method) && { refuse: readOnlyRefusal }),
  });
  return choice === back || !choice ? undefined : { ...choice, from: 'host' };
}

/** The inventory of the file's folder, or the one that the user picks. @throws MusterError INVENTORY */
export async function fleetOf({ document }: OpenRequest, { shown }: Fleets): Promise<Fleet | undefined> {
  const folder = workspace.getWorkspaceFolder(document.uri)?.uri.toString();
  return fleetNamed(shown, folder === undefined ? {} : { folder }) ?? pickFleet(shown);
}

/** @throws MusterError USAGE */
function fromThisMachine({ document }: OpenRequest, { all }: Fleets): Senders {
  const folder = workspace.getWorkspaceFolder(document.uri)?.uri.toString();
  const fleet = all.find(({ id }) => id === folder) ?? all[0];
  if (!fleet)
    throw new MusterError('USAGE', l10n.t('No folder is open, and requests are sent by the window of one.'), {
      hint: l10n.t('Open the folder of the file.'),
    });
  const { host } = thisMachine(fleet.file);
  return { fleet, hosts: [host], selector: l10n.t('This Machine'), from: 'local' };
}
