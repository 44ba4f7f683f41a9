import { l10n, window } from 'vscode';
import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import { choiceBySelector, isHostsNode } from '../../../shell/editor/commands/hostChoice';
import { namesOf, pickFleet } from '../../../shell/editor/commands/pickHosts';
import { readRunArguments } from '../../../shell/editor/commands/runArguments';
import type { Host } from '../../../platform/inventory/model';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { hostNamesOf, type HostsNode } from '../../../shell/editor/hosts/hostNodes';
import { confirmBroadcast } from './confirmBroadcast';
import type { HostTerminals } from './hostTerminals';
import { type HostPick, pickSomeHosts } from '../../../shell/editor/commands/pickHost';
import { askBefore } from '../../../shell/editor/prompts/askBefore';

/** More terminals than this at once are asked about. */
const manyTerminals = 5;

export class TerminalCommands {
  constructor(
    private readonly fleets: Fleets,
    private readonly terminals: HostTerminals,
  ) {}

  /** A terminal on each host below the rows, on those that arguments select, or on those that the user picks. */
  async open(what?: unknown, selected?: unknown): Promise<void> {
    const picks = await this.picksOf(what, selected);
    if (picks.length === 0) return;
    refuseReadOnly(picks.flatMap(({ fleet, host }) => hostsNamed(fleet, [host])));
    if (picks.length > manyTerminals && !(await confirmMany(picks))) return;
    picks.forEach(({ fleet, host }, index) => this.terminals.show(fleet, host, index < picks.length - 1));
  }

  /** Chooses the terminals that share their input. */
  async broadcast(): Promise<void> {
    const { active, broadcast } = this.terminals;
    // The group of a host may have become read-only since its terminal was opened.
    const all = this.terminals.all.filter((terminal) => !terminal.isReadOnly);
    if (all.length < 2) {
      const message = l10n.t('Open terminals on two hosts or more to broadcast input to them.');
      await window.showInformationMessage(message);
      return;
    }
    const items = all.map((terminal) => ({
      label: terminal.host,
      description: [
        terminal.fleet.label,
        ...(terminal === active ? [l10n.t('active terminal')] : []),
        ...(terminal.isConnected ? [] : [l10n.t('not connected')]),
      ].join(' · '),
      picked: broadcast.size === 0 || broadcast.has(terminal),
      terminal,
    }));
    const picked = await window.showQuickPick(items, {
      canPickMany: true,
      title: l10n.t('Broadcast Input to Terminals'),
      placeHolder: l10n.t('What you type into one of them goes to all of them'),
    });
    if (!picked) return;
    const members = picked.map(({ terminal }) => terminal);
    if (members.length < 2 || (await confirmBroadcast(members))) broadcast.share(members);
  }

  private async picksOf(what: unknown, selected: unknown): Promise<readonly HostPick[]> {
    const nodes = (Array.isArray(selected) ? selected : [what]).filter(isHostsNode);
    if (nodes.length > 0) return hostsBelow(nodes);
    if (what === undefined || what === null)
      return pickSomeHosts(this.fleets, l10n.t('Terminal on which hosts?'));
    const { selector, inventory } = readRunArguments(what, ['selector', 'inventory']);
    const fleet = fleetNamed(this.fleets.shown, { inventory }) ?? (await pickFleet(this.fleets.shown));
    if (!fleet) return [];
    if (selector === undefined) return pickSomeHosts(this.fleets, l10n.t('Terminal on which hosts?'));
    const { hosts } = await choiceBySelector(fleet, selector);
    return hosts.map(({ name }) => ({ fleet, host: name }));
  }
}

/** Each host once, however many rows name it. */
function hostsBelow(nodes: readonly HostsNode[]): HostPick[] {
  const picks = new Map<string, HostPick>();
  for (const node of nodes) {
    for (const host of hostNamesOf(node)) picks.set(`${node.fleet.id}\0${host}`, { fleet: node.fleet, host });
  }
  return [...picks.values()];
}

async function confirmMany(picks: readonly HostPick[]): Promise<boolean> {
  const open = l10n.t('Open Terminals');
  const detail = namesOf(picks.flatMap(({ fleet, host }) => hostsNamed(fleet, [host])));
  const question = l10n.t('Open {0} terminals?', picks.length);
  return (await askBefore(question, { refusal: l10n.t("Don't Open"), detail }, open)) === open;
}

function hostsNamed({ inventory }: Fleet, names: Iterable<string>): Host[] {
  return [...names].flatMap((name) => inventory?.hosts.get(name) ?? []);
}
