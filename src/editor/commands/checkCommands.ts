import { commands, l10n, window } from 'vscode';
import type { CheckResult, CheckTarget } from '../../core/checks/checkBatch';
import type { Logger } from '../../core/host';
import type { Batches } from '../batches';
import type { Fleet } from '../fleets/fleet';
import type { Fleets } from '../fleets/fleets';
import { readSettings } from '../settings';
import { hostNamesOf, type HostsNode } from '../trees/hostNodes';
import { fileUri } from '../fleets/fleets';
import { showHostKeyMismatches } from '../prompts/hostKeyMismatch';
import { pickFleet, pickHosts } from './pickHosts';

type Plan = Map<Fleet, readonly CheckTarget[]>;

/** Checks of everything, of the selected rows, or of what a selector names. */
export class CheckCommands {
  constructor(
    private readonly fleets: Fleets,
    private readonly batches: Batches,
    private readonly logger: Logger,
  ) {}

  readonly all = (): Promise<CheckResult[]> =>
    this.check(
      new Map(this.fleets.shown.map((fleet) => [fleet, fleet.targetsOf(fleet.inventory!.hosts.keys())])),
    );

  readonly some = async (node?: HostsNode, selected?: readonly HostsNode[]): Promise<CheckResult[]> => {
    const nodes = selected ?? (node ? [node] : []);
    if (nodes.length > 0) return this.check(planOf(nodes));
    const fleet = await pickFleet(this.fleets.shown);
    const choice = fleet && (await pickHosts(fleet, l10n.t('Check: which hosts?')));
    if (!choice) return [];
    return this.check(
      new Map([[choice.fleet, choice.fleet.targetsOf(choice.hosts.map(({ name }) => name))]]),
    );
  };

  private async check(plan: Plan): Promise<CheckResult[]> {
    const total = [...plan.values()].reduce((sum, targets) => sum + targets.length, 0);
    if (total === 0) {
      await this.explainNothingToCheck(plan);
      return [];
    }
    const results = await this.batches.run(l10n.t('Muster: checking'), total, async ({ signal, ended }) => {
      const reports = [...plan].map(([fleet, targets]) =>
        this.checkFleet(fleet, targets, signal, (result) => ended(result.status === 'unhealthy')),
      );
      return (await Promise.all(reports)).flat();
    });
    showHostKeyMismatches(results);
    return results;
  }

  private async checkFleet(
    fleet: Fleet,
    targets: readonly CheckTarget[],
    signal: AbortSignal,
    onResult: (result: CheckResult) => void,
  ): Promise<CheckResult[]> {
    if (targets.length === 0) return [];
    const { concurrency, timeoutMs } = readSettings(fileUri(fleet));
    fleet.begin(targets);
    const report = await fleet.use((core) =>
      core.check(targets, {
        ...(concurrency !== undefined && { concurrency }),
        timeoutMs,
        signal,
        overrideCircuit: true,
        onResult: (result) => {
          fleet.record(result);
          onResult(result);
        },
      }),
    );
    const { healthy, degraded, unhealthy, skipped, durationMs } = report.summary;
    this.logger.info(
      `checked ${targets.length} targets of ${fleet.file} in ${durationMs} ms: ${healthy} healthy, ${degraded} degraded, ${unhealthy} unhealthy, ${skipped} skipped (${report.traceId})`,
    );
    return report.results;
  }

  private async explainNothingToCheck(plan: Plan): Promise<void> {
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
function planOf(nodes: readonly HostsNode[]): Plan {
  const chosen = new Map<Fleet, Map<string, CheckTarget>>();
  for (const node of nodes) {
    const targets = chosen.get(node.fleet) ?? new Map<string, CheckTarget>();
    chosen.set(node.fleet, targets);
    const below = node.kind === 'check' ? [node] : node.fleet.targetsOf(hostNamesOf(node));
    for (const { host, check } of below) targets.set(`${host.name}\0${check.name}`, { host, check });
  }
  return new Map([...chosen].map(([fleet, targets]) => [fleet, [...targets.values()]]));
}
