import { commands, l10n, type QuickPickItem, type Uri, window } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { assertTrusted } from '../../../shell/editor/batches';
import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import { choiceBySelector, choiceOf, isHostsNode } from '../../../shell/editor/commands/hostChoice';
import { type HostChoice, pickFleet, pickHosts } from '../../../shell/editor/commands/pickHosts';
import { fileUri } from '../../../shell/editor/fleets/fleets';
import { hostCount } from '../../../shell/editor/hosts/wording';
import type { Ports } from '../../../shell/editor/services';
import { timeoutSetting } from '../../../shell/editor/settings';
import { compareFacts, type HostGroup } from '../core/compareFacts';
import { driftLines } from '../core/driftText';
import { readFacts } from '../core/factChoice';
import { facts } from '../core/facts';
import { FactTable } from '../core/factTable';
import type { GatherReport, GatherResult } from '../core/gatherFacts';
import { readDriftArguments } from './driftArguments';
import type { Drift, DriftDocuments } from './driftDocuments';

/** Choose hosts and facts, ask, and look at what differs. */
export class DriftCommands {
  constructor(
    private readonly services: Ports<'fleets' | 'batches'>,
    private readonly documents: DriftDocuments,
  ) {}

  /** On rows of the Hosts view, with the arguments of a key binding, or with everything asked for. */
  async show(what?: unknown, selected?: unknown): Promise<void> {
    assertTrusted();
    const nodes = (Array.isArray(selected) ? (selected as unknown[]) : [what]).filter(isHostsNode);
    const hasArguments = nodes.length === 0 && what !== undefined && what !== null;
    const given = hasArguments ? readDriftArguments(what) : {};
    const choice = nodes.length > 0 ? choiceOf(nodes) : await this.choose(given);
    if (!choice) return;
    if (choice.hosts.length < 2)
      throw new MusterError('USAGE', l10n.t('One host has nothing to be compared with: select more.'));
    const keys = given.facts ?? (await pickFacts(choice));
    if (keys === undefined || keys.length === 0) return;
    await this.documents.show(await this.gather(choice, keys));
  }

  /** Asks the hosts of the open document once more, as the inventory has them now. */
  async refresh(): Promise<void> {
    const open = this.open();
    if (!open) return;
    const { uri, drift } = open;
    const { fleet, hosts, selector } = drift.choice;
    const known = hosts.flatMap(({ name }) => fleet.inventory?.hosts.get(name) ?? []);
    this.documents.replace(uri, await this.gather({ fleet, hosts: known, selector }, drift.keys));
  }

  /** Two groups of the open document in the diff editor. */
  async compareGroups(): Promise<void> {
    const open = this.open();
    if (!open) return;
    const { uri, drift } = open;
    const { groups } = drift.comparison;
    if (groups.length < 2) {
      void window.showInformationMessage(l10n.t('There is one group of hosts, so nothing to compare.'));
      return;
    }
    const first = groups.length === 2 ? groups[0] : await pickGroup(groups, l10n.t('Compare which group?'));
    if (!first) return;
    const others = groups.filter((group) => group !== first);
    const second =
      others.length === 1 ? others[0] : await pickGroup(others, l10n.t('Compare with which group?'));
    if (!second) return;
    const uriOf = ({ hosts, hostSet }: HostGroup) => this.documents.uriOfHost(uri, hosts[0]!, hostSet);
    const title = [first, second].map(({ hostSet }) => printable(hostSet, 40)).join(' ↔ ');
    await commands.executeCommand('vscode.diff', uriOf(first), uriOf(second), title, { preview: true });
  }

  private open(): { uri: Uri; drift: Drift } | undefined {
    const uri = window.activeTextEditor?.document.uri;
    const drift = uri && this.documents.of(uri);
    if (!drift) void window.showInformationMessage(l10n.t('This comparison is gone: make it again.'));
    return drift && { uri, drift };
  }

  private async choose({
    selector,
    inventory,
  }: {
    selector?: string;
    inventory?: string;
  }): Promise<HostChoice | undefined> {
    const { shown } = this.services.fleets;
    const fleet = fleetNamed(shown, inventory === undefined ? {} : { inventory }) ?? (await pickFleet(shown));
    if (!fleet) return undefined;
    if (selector !== undefined) return choiceBySelector(fleet, selector);
    return pickHosts(fleet, l10n.t('Compare the facts of which hosts?'));
  }

  /** A cancel keeps what there is: the hosts that were not asked are named. */
  private async gather(choice: HostChoice, keys: readonly string[]): Promise<Drift> {
    const { fleet, hosts } = choice;
    const asked = readFacts(keys);
    const table = new FactTable(asked.map(({ key }) => key));
    const title = l10n.t('Muster: comparing facts of {0}', hostCount(hosts.length));
    const timeoutMs = timeoutSetting.get(fileUri(fleet));
    const [report] = await this.services.batches.conduct<GatherResult, GatherReport>(
      { title, total: hosts.length },
      [
        {
          fleet,
          start: (control) =>
            fleet.use((core) => core.gatherFacts(hosts, asked, table, { ...control, timeoutMs })),
        },
      ],
    );
    const comparison = compareFacts(table);
    const unreached = report!.results.flatMap(({ host, error }) => (error ? [{ host, error }] : []));
    const lines = [...driftLines(comparison, unreached)].map(({ text }) => text);
    return { choice, keys, table, comparison, text: `${lines.join('\n')}\n` };
  }
}

interface FactItem extends QuickPickItem {
  key?: string;
}

/** The facts to compare; undefined when it was left. */
async function pickFacts({ hosts }: HostChoice): Promise<string[] | undefined> {
  const items = facts.map(({ name, description, isDefault = false, operand }): FactItem => ({
    label: operand?.isRequired ? `${name}…` : name,
    detail: t(description),
    picked: isDefault,
    ...(!operand?.isRequired && { key: name }),
  }));
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Compare which facts of {0}?', hostCount(hosts.length)),
    canPickMany: true,
    matchOnDetail: true,
  });
  if (!picked) return undefined;
  const keys = picked.flatMap(({ key }) => key ?? []);
  if (picked.every(({ key }) => key !== undefined)) return keys;
  const glob = await window.showInputBox({
    title: l10n.t('Compare which files?'),
    placeHolder: '/etc/app/*.conf',
    validateInput: (typed) =>
      typed.startsWith('/') ? undefined : l10n.t('The path of a file begins with a slash'),
  });
  return glob === undefined ? undefined : [...keys, `files=${glob}`];
}

async function pickGroup(groups: readonly HostGroup[], title: string): Promise<HostGroup | undefined> {
  const items = groups.map((group) => ({
    label: printable(group.hostSet, 120),
    description: hostCount(group.hosts.length),
    group,
  }));
  return (await window.showQuickPick(items, { title }))?.group;
}
