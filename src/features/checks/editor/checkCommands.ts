import { commands, l10n, window } from 'vscode';
import type { CheckResult, CheckTarget } from '../core/checkBatch';
import type { CheckPlan, FleetChecks } from './fleetChecks';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { hostNamesOf, type HostsNode } from '../../../shell/editor/hosts/hostNodes';
import { fileUri } from '../../../shell/editor/fleets/fleets';
import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import { choiceBySelector, isHostsNode } from '../../../shell/editor/commands/hostChoice';
import { pickFleet, pickHosts } from '../../../shell/editor/commands/pickHosts';
import { readRunArguments, type RunArguments } from '../../../shell/editor/commands/runArguments';

/** Checks of everything, of the selected rows, or of what a selector names. */
export class CheckCommands {
  constructor(
    private readonly fleets: Fleets,
    private readonly checks: FleetChecks,
  ) {}

  readonly all = (): Promise<CheckResult[]> =>
    this.check(
      new Map(this.fleets.shown.map((fleet) => [fleet, fleet.targetsOf(fleet.inventory!.hosts.keys())])),
    );

  /** Of rows, of what the arguments of a key binding select, or of what is asked for. */
  readonly some = async (what?: unknown, selected?: unknown): Promise<CheckResult[]> => {
    const nodes = (Array.isArray(selected) ? selected : [what]).filter(isHostsNode);
    if (nodes.length > 0) return this.check(planOf(nodes));
    const given: Partial<RunArguments> =
      what === undefined || what === null ? {} : readRunArguments(what, ['selector', 'inventory']);
    if (given.selector !== undefined) return this.checkSelected(given.selector, given.inventory);
    const fleet = await pickFleet(this.fleets.shown);
    const choice = fleet && (await pickHosts(fleet, l10n.t('Check: which hosts?')));
    if (!choice) return [];
    return this.check(
      new Map([[choice.fleet, choice.fleet.targetsOf(choice.hosts.map(({ name }) => name))]]),
    );
  };

  private async checkSelected(selector: string, inventory: string | undefined): Promise<CheckResult[]> {
    const fleet = fleetNamed(this.fleets.shown, { inventory }) ?? (await pickFleet(this.fleets.shown));
    if (!fleet) return [];
    const { hosts } = await choiceBySelector(fleet, selector);
    return this.check(new Map([[fleet, fleet.targetsOf(hosts.map(({ name }) => name))]]));
  }

  private async check(plan: CheckPlan): Promise<CheckResult[]> {
    if ([...plan.values()].some((targets) => targets.length > 0)) return this.checks.check(plan);
    await this.explainNothingToCheck(plan);
    return [];
  }

  private async explainNothingToCheck(plan: CheckPlan): Promise<void> {
    const [fleet] = plan.keys();
    if (!fleet) {
      await window.showInformationMessage(l10n.t('There is no inventory with hosts to check.'));
      return;
    }
    const open = l10n.t('Open Inventory');
    const choice = await window.showInformationMessage(
      l10n.t('No check applies to these hosts: add one under “checks:”.'),
      open,
    );
    if (choice === open) await commands.executeCommand('vscode.open', fileUri(fleet));
  }
}

/** The targets below the rows, each once however many rows name it. */
function planOf(nodes: readonly HostsNode[]): CheckPlan {
  const chosen = new Map<Fleet, Map<string, CheckTarget>>();
  for (const node of nodes) {
    const targets = chosen.get(node.fleet) ?? new Map<string, CheckTarget>();
    chosen.set(node.fleet, targets);
    const below = node.kind === 'check' ? [node] : node.fleet.targetsOf(hostNamesOf(node));
    for (const { host, check } of below) targets.set(`${host.name}\0${check.name}`, { host, check });
  }
  return new Map([...chosen].map(([fleet, targets]) => [fleet, [...targets.values()]]));
}
