import { resolve } from 'node:path';
import { l10n, type QuickPickItem, Uri, window, workspace } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { assertTrusted } from '../../../shell/editor/batches';
import type { HostChoice } from '../../../shell/editor/commands/pickHosts';
import { readOnlyRefusal } from '../../../shell/editor/commands/readOnlyRefusal';
import { hostCount } from '../../../shell/editor/hosts/wording';
import type { ReportDocuments } from '../../../shell/editor/documents/reportDocuments';
import type { Ports } from '../../../shell/editor/services';
import type { TransferReport } from '../core/copyBatch';
import { chooseHosts } from './chooseHosts';
import { confirmCopy } from './confirmCopy';
import { readTransferArguments, type TransferArguments } from './copyArguments';
import { FleetTransfers } from './fleetTransfers';
import { offer } from './offer';
import { pickHostPath } from './pickHostPath';
import { RememberedPaths } from './rememberedPaths';
import { type CopyOrder, nameOf } from './transferOrder';
import { transferText, verdictText } from './transferText';

/** "Copy to Hosts…": hosts, a destination, a plan that is confirmed, and a report. */
export class CopyToHosts {
  private readonly transfers: FleetTransfers;
  private readonly destinations: RememberedPaths;

  constructor(
    private readonly services: Ports<'context' | 'fleets' | 'batches' | 'logger'>,
    private readonly documents: ReportDocuments,
  ) {
    this.transfers = new FleetTransfers(services.batches);
    this.destinations = new RememberedPaths(services.context.workspaceState, 'muster.copyDestinations');
  }

  /** On files of the Explorer or an editor, with arguments, or with everything asked for. */
  async copy(what?: unknown, selected?: unknown): Promise<TransferReport | undefined> {
    assertTrusted();
    const uris = (Array.isArray(selected) ? (selected as unknown[]) : [what]).filter(
      (one) => one instanceof Uri,
    );
    const isGiven = what !== undefined && what !== null && uris.length === 0;
    const given = isGiven ? readTransferArguments('copy', what) : {};
    const sources = uris.length > 0 ? uris.map(localPath) : await this.sourcesOf(given);
    if (sources.length === 0) return undefined;
    const order = await this.orderOf(sources, given);
    return order && this.carryOut(order);
  }

  private async sourcesOf({ files }: TransferArguments<'copy'>): Promise<string[]> {
    const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
    if (files) return files.map((file) => (folder === undefined ? resolve(file) : resolve(folder, file)));
    const picked = await window.showOpenDialog({
      ...{ canSelectFiles: true, canSelectFolders: true, canSelectMany: true },
      openLabel: l10n.t('Copy to Hosts…'),
    });
    return (picked ?? []).map(localPath);
  }

  private async orderOf(sources: string[], given: TransferArguments<'copy'>): Promise<CopyOrder | undefined> {
    const title = l10n.t('Copy to which hosts?');
    const choice = await chooseHosts(this.services.fleets.shown, given, title, { refuse: readOnlyRefusal });
    if (!choice) return undefined;
    refuseReadOnly(choice.hosts);
    const destination = given.destination ?? (await this.askDestination(choice));
    if (destination === undefined) return undefined;
    // With everything given there is one question: the one before the copy.
    const settings = given.destination === undefined ? await askSettings() : {};
    if (!settings) return undefined;
    await this.destinations.remember(destination);
    return { kind: 'copy', ...choice, sources, destination, settings };
  }

  private askDestination({ hosts }: HostChoice): Promise<string | undefined> {
    return pickHostPath(l10n.t('Copy to which path on {0}?', hostCount(hosts.length)), {
      placeholder: l10n.t('A folder, such as /etc/app/, or a new name; relative paths and ~ start at home'),
      known: this.destinations.all,
    });
  }

  /** Compares, asks with what would change, copies and reports. Nothing is written before the answer. */
  private async carryOut(order: CopyOrder): Promise<TransferReport | undefined> {
    const plannedAt = new Date();
    const plan = await this.transfers.plan(order);
    const showPlan = () => this.show({ order, startedAt: plannedAt, report: plan, kind: 'plan' });
    const { logger } = this.services;
    if (plan.summary.changed === 0) {
      // There is nothing to confirm: all have it, or none can be compared with.
      const message = l10n.t('Nothing was copied: {0}', verdictText(plan, 'plan'));
      offer(message, { isWarning: plan.summary.same === 0, logger }, { [l10n.t('Show Plan')]: showPlan });
      return undefined;
    }
    const answer = await confirmCopy(order, plan);
    if (answer === 'plan') {
      await showPlan();
      const message = l10n.t('This is what would change. Nothing was written.');
      offer(message, { isWarning: false, logger }, { [l10n.t('Copy…')]: () => this.carryOut(order) });
    }
    if (answer !== 'copy') return undefined;
    const startedAt = new Date();
    const report = await this.transfers.carryOut(order);
    this.reportOutcome(order, startedAt, report);
    return report;
  }

  private reportOutcome(order: CopyOrder, startedAt: Date, report: TransferReport): void {
    const failed = new Set(report.results.flatMap(({ host, status }) => (status === 'ok' ? [] : [host])));
    const hosts = order.hosts.filter(({ name }) => failed.has(name));
    const again = { ...order, hosts, selector: compactHostSet([...failed]) };
    const message = l10n.t('Copied {0}: {1}', nameOf(order), verdictText(report, 'copy'));
    const { logger } = this.services;
    offer(
      message,
      { isWarning: failed.size > 0, logger },
      {
        [l10n.t('Show Report')]: () => this.show({ order, startedAt, report, kind: 'copy' }),
        ...(failed.size > 0 && { [l10n.t('Copy Again to Failed Hosts')]: () => this.carryOut(again) }),
      },
    );
  }

  private show(record: Parameters<typeof transferText>[0]): Promise<void> {
    const { order, report, kind } = record;
    const title = kind === 'plan' ? l10n.t('Plan: {0}', nameOf(order)) : l10n.t('Copied: {0}', nameOf(order));
    return this.documents.show(title, transferText(record), report.traceId);
  }
}

interface SettingItem extends QuickPickItem {
  key: keyof CopyOrder['settings'];
}

/** Modes and times are always kept. */
async function askSettings(): Promise<CopyOrder['settings'] | undefined> {
  const items: SettingItem[] = [
    {
      key: 'checksum',
      label: l10n.t('Compare Contents'),
      description: l10n.t('by their SHA-256, instead of size and time'),
    },
    {
      key: 'backup',
      label: l10n.t('Keep What Is Replaced'),
      description: l10n.t('beside it, with the date in its name'),
    },
    {
      key: 'resume',
      label: l10n.t('Go On After a Lost Connection'),
      description: l10n.t('a part that was sent is kept on the host'),
    },
  ];
  const picked = await window.showQuickPick(items, {
    ...{ canPickMany: true, title: l10n.t('Copy with which options?') },
    placeHolder: l10n.t('Modes and times are kept. Enter goes on without options.'),
  });
  return picked && Object.fromEntries(picked.map(({ key }) => [key, true]));
}

/** @throws MusterError USAGE */
function localPath(uri: Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  throw new MusterError('USAGE', l10n.t('“{0}” is not a file of this machine.', uri.toString()), {
    hint: l10n.t('Save it on this machine first.'),
  });
}
