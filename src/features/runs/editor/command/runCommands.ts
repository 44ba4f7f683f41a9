import { l10n, type Memento, type Uri } from 'vscode';
import type { Host } from '../../../../platform/inventory/model';
import type { RunReport } from '../../core/runBatch';
import { assertTrusted } from '../../../../shell/editor/batches';
import type { ReportDocuments } from '../../../../shell/editor/documents/reportDocuments';
import type { RunDocuments } from '../output/runDocuments';
import type { Fleets } from '../../../../shell/editor/fleets/fleets';
import type { FleetRuns, RunOrder } from '../fleetRuns';
import type { HostsNode } from '../../../../shell/editor/hosts/hostNodes';
import { CommandHistory } from './commandHistory';
import { protectedHosts } from '../../../../shell/editor/prompts/protection';
import { confirmRun, orderTitle } from './confirmRun';
import { fleetNamed } from '../../../../shell/editor/commands/fleetNamed';
import { choiceBySelector, choiceOf, isHostsNode } from '../../../../shell/editor/commands/hostChoice';
import { pickFleet } from '../../../../shell/editor/commands/pickHosts';
import { readRunArguments } from '../../../../shell/editor/commands/runArguments';
import { controlOf } from '../../../../shell/editor/commands/runChoices';
import type { RunDraft } from './runWizard';
import type { Script } from './openScript';

/** A command line or a script on hosts: choose, type, confirm, read. */
export class RunCommands {
  private readonly history: CommandHistory;

  constructor(
    private readonly fleets: Fleets,
    private readonly runs: FleetRuns,
    private readonly documents: RunDocuments,
    private readonly plans: ReportDocuments,
    private readonly memento: Memento,
  ) {
    this.history = new CommandHistory(memento);
  }

  /** On rows of the Hosts view, with the arguments of a key binding, or with everything asked for. */
  readonly run = async (what?: unknown, selected?: unknown): Promise<RunReport | undefined> => {
    assertTrusted();
    const nodes = (Array.isArray(selected) ? selected : [what]).filter(isHostsNode);
    if (what !== undefined && what !== null && nodes.length === 0) return this.runWithArguments(what);
    return this.ask(await this.draftOf(nodes));
  };

  readonly runScript = async (uri?: Uri): Promise<RunReport | undefined> => {
    assertTrusted();
    const { openScript } = await import('./openScript');
    return this.askFor(await openScript(uri));
  };

  readonly runSelection = async (): Promise<RunReport | undefined> => {
    assertTrusted();
    const { selectedScript } = await import('./openScript');
    return this.askFor(selectedScript());
  };

  private askFor(script: Script): Promise<RunReport | undefined> {
    return this.ask({ fleet: fleetNamed(this.fleets.shown), ...script });
  }

  private async draftOf(nodes: readonly HostsNode[]): Promise<RunDraft> {
    const choice = choiceOf(nodes);
    if (!choice) return { fleet: fleetNamed(this.fleets.shown) };
    await refuse(choice.hosts);
    return { choice };
  }

  private async runWithArguments(value: unknown): Promise<RunReport | undefined> {
    const given = readRunArguments(value);
    const { selector, command, script, inventory, sudo, become, dryRun, choices } = given;
    const named = fleetNamed(this.fleets.shown, { inventory });
    const fleet = named ?? (selector === undefined ? undefined : await pickFleet(this.fleets.shown));
    if (!fleet && selector !== undefined) return undefined;
    const { orderOf, scriptOf } = await import('./orderOf');
    if (fleet && selector !== undefined && (command ?? script) !== undefined) {
      const order = await orderOf(given, [fleet]);
      return this.carryOut(order, dryRun);
    }
    const choice = selector !== undefined && fleet ? await choiceBySelector(fleet, selector) : undefined;
    if (choice) await refuse(choice.hosts);
    return this.ask({ choice, fleet, sudo, become, dryRun, choices, command, ...(await scriptOf(script)) });
  }

  private async ask(draft: RunDraft): Promise<RunReport | undefined> {
    const { askRun } = await import('./runWizard');
    const plan = await askRun(this.fleets.shown, this.memento, draft);
    if (!plan) return undefined;
    const { choice, request, choices, dryRun } = plan;
    const label = draft.label !== undefined && { label: draft.label };
    const order: RunOrder = { ...choice, request, ...label, options: controlOf(choices) };
    return this.carryOut(order, dryRun);
  }

  private async carryOut(order: RunOrder, dryRun: boolean): Promise<RunReport | undefined> {
    const title = orderTitle(order);
    const { fleet, hosts, selector, request } = order;
    if (dryRun) {
      const { runPlanText } = await import('./runPlanText');
      const protection = await protectedHosts(fleet, hosts);
      const plan = {
        selector,
        hosts,
        request,
        control: order.options ?? {},
        inventory: fleet.file,
        protectedHosts: protection.hosts,
      };
      await this.plans.show(`${l10n.t('Dry run')}: ${title}`, runPlanText(plan));
      return undefined;
    }
    if (!(await confirmRun(order))) return undefined;
    if (request.command) await this.history.remember(request.command.join(' '));
    const startedAt = new Date();
    const report = await this.runs.run(order, startedAt);
    const command = request.command?.join(' ') ?? title;
    await this.documents.show({ command, selector, inventory: fleet.file, startedAt, report });
    return report;
  }
}

/** @throws MusterError READ_ONLY */
async function refuse(hosts: readonly Host[]): Promise<void> {
  const { refuseReadOnly } = await import('../../../../platform/inventory/readOnly');
  refuseReadOnly(hosts);
}
