import { l10n, type Memento, window } from 'vscode';
import { compactHostSet } from '../../core/inventory/hostSet';
import { assertTrusted } from '../batches';
import type { RunDocuments } from '../documents/runDocuments';
import type { Fleets } from '../fleets/fleets';
import type { FleetRuns } from '../runs/fleetRuns';
import { hostNamesOf, type HostsNode } from '../trees/hostNodes';
import { hostCount } from '../trees/wording';
import { confirmRun } from './confirmRun';
import { pickCommand, rememberCommand } from './pickCommand';
import { type HostChoice, pickFleet, pickHosts } from './pickHosts';

/** Runs a command line on hosts: choose, type, confirm, read. */
export class RunCommands {
  constructor(
    private readonly fleets: Fleets,
    private readonly runs: FleetRuns,
    private readonly documents: RunDocuments,
    private readonly memento: Memento,
  ) {}

  readonly run = async (node?: HostsNode, selected?: readonly HostsNode[]): Promise<void> => {
    assertTrusted();
    const choice = choiceOf(selected ?? (node ? [node] : [])) ?? (await this.choose());
    if (!choice) return;
    const targets = `${choice.selector} (${hostCount(choice.hosts.length)})`;
    const command = await pickCommand(l10n.t('Run on {0}', targets), this.memento);
    if (command === undefined || !(await confirmRun({ ...choice, request: { command: [command] } }))) return;
    await rememberCommand(command, this.memento);
    await this.runOn(choice, command);
  };

  private async choose(): Promise<HostChoice | undefined> {
    const fleet = await pickFleet(this.fleets.shown);
    if (fleet) return pickHosts(fleet, l10n.t('Run Command: which hosts?'));
    await window.showInformationMessage(l10n.t('There is no inventory with hosts to run a command on.'));
    return undefined;
  }

  private async runOn({ fleet, hosts, selector }: HostChoice, command: string): Promise<void> {
    const startedAt = new Date();
    const report = await this.runs.run({ fleet, hosts, selector, request: { command: [command] } });
    await this.documents.show({ command, selector, inventory: fleet.file, startedAt, report });
  }
}

/** The hosts below the rows; rows of another inventory than the first's are left out. */
function choiceOf(nodes: readonly HostsNode[]): HostChoice | undefined {
  const [first] = nodes;
  if (!first) return undefined;
  const { fleet } = first;
  const names = new Set(nodes.filter((node) => node.fleet === fleet).flatMap((node) => hostNamesOf(node)));
  const hosts = [...names].flatMap((name) => fleet.inventory?.hosts.get(name) ?? []);
  if (hosts.length === 0) return undefined;
  const selector =
    nodes.length === 1 && first.kind === 'group' && first.name !== undefined
      ? `@${first.name}`
      : compactHostSet(names);
  return { fleet, hosts, selector };
}
