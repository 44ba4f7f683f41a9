import {
  ConfigurationTarget,
  commands,
  env,
  l10n,
  Position,
  Range,
  type QuickPickItem,
  Uri,
  window,
  workspace,
} from 'vscode';
import { MusterError } from '../../../../platform/errors/errors';
import { printable } from '../../../../platform/text/printable';
import type { FoldedGroup } from '../../core/fold';
import type { RunStatus } from '../../core/runBatch';
import { dateAndTime } from '../../../../shell/editor/text/localTime';
import { confirmRun } from '../command/confirmRun';
import { namesOf } from '../../../../shell/editor/commands/pickHosts';
import type { Fleets } from '../../../../shell/editor/fleets/fleets';
import { hostCount } from '../../../../shell/editor/hosts/wording';
import type { FleetRuns } from '../fleetRuns';
import { outcomeText } from '../outcome';
import { ansiSetting } from '../../../../shell/editor/text/colouredDocuments';
import type { OutputDocuments } from '../output/outputDocuments';
import { pickOutputLine } from '../output/pickOutputLine';
import type { RunEntry, RunHistory } from '../runHistory';
import { runMarkdown } from '../output/runMarkdown';
import { hostOf, type RunGroupNode, runNodesOf } from './runNodes';
import { askBefore } from '../../../../shell/editor/prompts/askBefore';

/** Reading, comparing, repeating and keeping runs. */
export class RunsViewCommands {
  constructor(
    private readonly history: RunHistory,
    private readonly documents: OutputDocuments,
    private readonly fleets: Fleets,
    private readonly runs: FleetRuns,
  ) {}

  /** The output of the row's group or host, or of a host that is picked. */
  readonly openOutput = async (node?: unknown): Promise<void> => {
    const [row] = runNodesOf(node, undefined);
    const entry = row?.entry ?? (await this.pickRun());
    if (!entry) return;
    const host = (row && hostOf(row)) ?? (await pickHostOf(entry));
    if (host === undefined) return;
    await this.show(entry, host, row?.kind === 'runGroup' ? row.group.hostSet : host);
  };

  readonly openHostOutput = async (node?: unknown): Promise<void> => {
    const [row] = runNodesOf(node, undefined);
    const entry = row?.entry ?? (await this.pickRun());
    const host = entry && (await pickHostOf(entry));
    if (entry && host !== undefined) await this.show(entry, host, host);
  };

  /** Two groups that are selected, or one and another that is picked. */
  readonly compare = async (node?: unknown, selected?: unknown): Promise<void> => {
    const groups = runNodesOf(node, selected).filter((row): row is RunGroupNode => row.kind === 'runGroup');
    const [first, second] = groups;
    if (first && second) return this.diff(first.entry, first.group, second.entry, second.group);
    const entry = first?.entry ?? runNodesOf(node, undefined)[0]?.entry ?? (await this.pickRun());
    if (!entry) return;
    const left = first?.group ?? (await pickGroup(entry, l10n.t('Compare which group?')));
    const right = left && (await pickGroup(entry, l10n.t('With which group?'), left));
    if (left && right) await this.diff(entry, left, entry, right);
  };

  readonly rerun = (node?: unknown): Promise<void> => this.again(node, ({ head }) => head.hosts);

  /** On the hosts that failed, were stopped or were never started: where there are several kinds, on those chosen. */
  readonly rerunFailed = (node?: unknown): Promise<void> =>
    this.again(node, async (entry) => {
      const statusOf = await statusesOf(entry);
      const wanted = await pickStatuses(entry.head.hosts.map(statusOf).filter((status) => status !== 'ok'));
      return wanted && entry.head.hosts.filter((host) => wanted.has(statusOf(host)));
    });

  readonly rerunGroup = (node?: unknown): Promise<void> => {
    const [row] = runNodesOf(node, undefined);
    return this.again(node, () => (row?.kind === 'runGroup' ? row.group.hosts : []));
  };

  readonly cancel = (node?: unknown): void => {
    for (const { entry } of runNodesOf(node, undefined)) entry.cancel?.();
  };

  readonly save = async (node?: unknown): Promise<void> => {
    const entry = runNodesOf(node, undefined)[0]?.entry ?? (await this.pickRun());
    const [parent] = entry
      ? ((await window.showOpenDialog({
          canSelectFiles: false,
          canSelectFolders: true,
          defaultUri: workspace.workspaceFolders?.[0]?.uri,
          openLabel: l10n.t('Save Here'),
          title: l10n.t('Save the output of each host below which folder?'),
        })) ?? [])
      : [];
    if (!entry || !parent) return;
    const { saveOutput } = await import('../output/outputFiles');
    const folder = await saveOutput(parent.fsPath, entry.head, await entry.results(), await entry.groups());
    const open = l10n.t('Open Summary');
    const choice = await window.showInformationMessage(l10n.t('The output is in {0}.', folder), open);
    if (choice === open) await window.showTextDocument(Uri.joinPath(Uri.file(folder), 'summary.md'));
  };

  readonly copyMarkdown = async (node?: unknown): Promise<void> => {
    const [row] = runNodesOf(node, undefined);
    const entry = row?.entry ?? (await this.pickRun());
    if (!entry) return;
    const groups = row?.kind === 'runGroup' ? [row.group] : await entry.groups();
    await env.clipboard.writeText(runMarkdown(entry.head, groups));
  };

  readonly search = async (node?: unknown): Promise<void> => {
    const entry = runNodesOf(node, undefined)[0]?.entry ?? (await this.pickRun());
    const hit = entry && (await pickOutputLine(printable(entry.head.title), await entry.groups()));
    if (!entry || !hit) return;
    const { group, line } = hit;
    await this.show(entry, group.result.host, group.hostSet, line);
  };

  readonly remove = async (node?: unknown, selected?: unknown): Promise<void> => {
    for (const { entry } of runNodesOf(node, selected)) await this.history.remove(entry);
  };

  readonly clear = async (): Promise<void> => {
    const clear = l10n.t('Clear');
    const question = l10n.t('Remove all runs of this workspace from the history?');
    if (await askBefore(question, { refusal: l10n.t("Don't Remove") }, clear)) await this.history.clear();
  };

  readonly toggleColours = async (): Promise<void> => {
    const next = ansiSetting.get() === 'render' ? 'strip' : 'render';
    await workspace.getConfiguration('muster').update('runs.ansi', next, ConfigurationTarget.Global);
  };

  private async again(
    node: unknown,
    choose: (entry: RunEntry) => readonly string[] | Promise<readonly string[] | undefined>,
  ): Promise<void> {
    const entry = runNodesOf(node, undefined)[0]?.entry ?? (await this.pickRun());
    if (!entry) return;
    const { head } = entry;
    const names = await choose(entry);
    if (!names) return;
    const fleet = this.fleets.shown.find(({ id, file }) => id === head.fleetId && file === head.inventory);
    if (!fleet)
      throw new MusterError(
        'INVENTORY',
        l10n.t('The inventory of this run is not open: {0}', head.inventory),
      );
    const hosts = names.flatMap((name) => fleet.inventory?.hosts.get(name) ?? []);
    if (hosts.length === 0) {
      await window.showInformationMessage(l10n.t('There is no host to run it on again.'));
      return;
    }
    const [{ compactHostSet }, { refuseReadOnly }] = await Promise.all([
      import('../../../../platform/inventory/selection/hostSet'),
      import('../../../../platform/inventory/readOnly'),
    ]);
    refuseReadOnly(hosts);
    const isSame = hosts.length === head.hosts.length;
    const order = {
      ...{ fleet, hosts, request: head.request },
      selector: isSame ? head.selector : compactHostSet(hosts.map(({ name }) => name)),
      ...(head.label !== undefined && { label: head.label }),
      ...(head.control && { options: head.control }),
    };
    const statusOf = await statusesOf(entry);
    const stopped = hosts.filter(({ name }) => statusOf(name) === 'stopped');
    const reason =
      stopped.length === 0
        ? undefined
        : l10n.t(
            'Stopped while the command ran, which may have done a part of its work there: {0}',
            namesOf(stopped),
          );
    if (!(await confirmRun({ ...order, ...(reason !== undefined && { reason }) }))) return;
    await commands.executeCommand('muster.runs.focus');
    await this.runs.run(order);
  }

  private async show(entry: RunEntry, host: string, label: string, line?: number): Promise<void> {
    const at = line === undefined ? undefined : new Position(line, 0);
    await window.showTextDocument(this.documents.uriOf(entry, host, label), {
      preview: true,
      ...(at && { selection: new Range(at, at) }),
    });
  }

  private async diff(
    leftRun: RunEntry,
    left: FoldedGroup,
    rightRun: RunEntry,
    right: FoldedGroup,
  ): Promise<void> {
    const title = `${printable(left.hostSet, 40)} ↔ ${printable(right.hostSet, 40)}`;
    const uris = [
      this.documents.uriOf(leftRun, left.result.host, left.hostSet),
      this.documents.uriOf(rightRun, right.result.host, right.hostSet),
    ];
    await commands.executeCommand('vscode.diff', ...uris, title);
  }

  private async pickRun(): Promise<RunEntry | undefined> {
    const entries = await this.history.all();
    if (entries.length <= 1) {
      if (entries.length === 0)
        await window.showInformationMessage(l10n.t('Nothing was run in this workspace yet.'));
      return entries[0];
    }
    const items = entries.map((entry) => ({
      label: printable(entry.head.title),
      description: `${printable(entry.head.selector)} · ${dateAndTime(entry.head.startedAt)}`,
      entry,
    }));
    return (await window.showQuickPick(items, { title: l10n.t('Which run?'), matchOnDescription: true }))
      ?.entry;
  }
}

/** How each host ended; one without a result is one that a run that was cut off had not come to the end of. */
async function statusesOf(entry: RunEntry): Promise<(host: string) => RunStatus> {
  const statuses = new Map((await entry.results()).map(({ host, status }) => [host, status]));
  return (host) => statuses.get(host) ?? 'stopped';
}

/** Which of the hosts that did not end well; what was stopped while it ran is repeated on demand only. */
async function pickStatuses(statuses: readonly RunStatus[]): Promise<ReadonlySet<RunStatus> | undefined> {
  const present = new Set(statuses);
  if (present.size < 2) return present;
  const count = (status: RunStatus) => hostCount(statuses.filter((one) => one === status).length);
  const details: Readonly<Partial<Record<RunStatus, [label: string, detail?: string]>>> = {
    failed: [l10n.t('failed')],
    stopped: [l10n.t('stopped while running'), l10n.t('The command may have done a part of its work there.')],
    skipped: [l10n.t('not started')],
  };
  const items = (['failed', 'skipped', 'stopped'] as const)
    .filter((status) => present.has(status))
    .map((status) => {
      const [label, detail] = details[status]!;
      return {
        ...{ label, description: count(status), status, picked: status !== 'stopped' },
        ...(detail !== undefined && { detail }),
      };
    });
  const picked = await window.showQuickPick(items, {
    canPickMany: true,
    title: l10n.t('Run again on which hosts?'),
  });
  return picked && new Set(picked.map(({ status }) => status));
}

async function pickHostOf(entry: RunEntry): Promise<string | undefined> {
  const items: QuickPickItem[] = (await entry.results()).map((result) => ({
    label: result.host,
    description: outcomeText(result),
  }));
  const options = { title: l10n.t('Output of which host?'), matchOnDescription: true };
  return (await window.showQuickPick(items, options))?.label;
}

async function pickGroup(
  entry: RunEntry,
  title: string,
  except?: FoldedGroup,
): Promise<FoldedGroup | undefined> {
  const groups = (await entry.groups()).filter(({ result }) => result.host !== except?.result.host);
  if (groups.length === 0) {
    await window.showInformationMessage(l10n.t('All hosts said the same.'));
    return undefined;
  }
  const items = groups.map((group) => ({
    label: printable(group.hostSet),
    description: `${hostCount(group.hosts.length)} · ${outcomeText(group.result)}`,
    group,
  }));
  return (await window.showQuickPick(items, { title }))?.group;
}
