import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { commands, l10n, type QuickPickItem, Uri, window, workspace } from 'vscode';
import { printable } from '../../../platform/text/printable';
import { assertTrusted } from '../../../shell/editor/batches';
import { choiceOf, isHostsNode } from '../../../shell/editor/commands/hostChoice';
import { type HostChoice, pickHostsStep } from '../../../shell/editor/commands/pickHosts';
import { back } from '../../../shell/editor/commands/quickPickStep';
import { hostCount } from '../../../shell/editor/hosts/wording';
import type { ReportDocuments } from '../../../shell/editor/documents/reportDocuments';
import type { Ports } from '../../../shell/editor/services';
import { compareGroups } from '../../files/editor/compareGroups';
import { foldFiles } from '../../files/editor/foldFiles';
import { hostFileScheme } from '../../files/editor/hostFileUri';
import { placeOfHostFile } from '../../files/editor/placeOfHostFile';
import type { TransferReport } from '../core/copyBatch';
import { hostFolders } from '../core/fetchBatch';
import { chooseHosts } from './chooseHosts';
import { readTransferArguments, type TransferArguments } from './copyArguments';
import { type FetchedFile, fetchedFiles } from './fetchedFiles';
import { FleetTransfers } from './fleetTransfers';
import { offer } from './offer';
import { pickHostPath } from './pickHostPath';
import { RememberedPaths } from './rememberedPaths';
import { type FetchOrder, nameOf } from './transferOrder';
import { transferText, verdictText } from './transferText';

/** "Fetch from Hosts…": a path of hosts into a folder for each, which can be compared as groups. */
export class FetchFromHosts {
  private readonly transfers: FleetTransfers;
  private readonly paths: RememberedPaths;

  constructor(
    private readonly services: Ports<'context' | 'fleets' | 'batches' | 'logger'>,
    private readonly documents: ReportDocuments,
  ) {
    this.transfers = new FleetTransfers(services.batches);
    this.paths = new RememberedPaths(services.context.workspaceState, 'muster.fetchedPaths');
  }

  /** On rows of the Hosts view, on an open file of a host, with arguments, or with everything asked for. */
  async fetch(what?: unknown, selected?: unknown): Promise<TransferReport | undefined> {
    assertTrusted();
    const order = await this.orderOf(what, selected);
    if (!order) return undefined;
    await this.paths.remember(order.source);
    const startedAt = new Date();
    const report = await this.transfers.carryOut(order);
    this.reportOutcome(order, startedAt, report);
    return report;
  }

  private async orderOf(what: unknown, selected: unknown): Promise<FetchOrder | undefined> {
    const nodes = (Array.isArray(selected) ? (selected as unknown[]) : [what]).filter(isHostsNode);
    const isUri = what instanceof Uri && what.scheme === hostFileScheme;
    const isGiven = nodes.length === 0 && what !== undefined && what !== null && !(what instanceof Uri);
    const given = isGiven ? readTransferArguments('fetch', what) : {};
    const asked = isUri ? await this.onOthers(what) : await this.onChoice(choiceOf(nodes), given);
    if (!asked) return undefined;
    const folder =
      given.folder === undefined ? await askFolder() : resolve(workspaceFolder() ?? '', given.folder);
    return folder === undefined ? undefined : { kind: 'fetch', ...asked, folder };
  }

  /** The file that is open, from its host and others of its group. */
  private async onOthers(uri: Uri): Promise<(HostChoice & { source: string }) | undefined> {
    await this.services.fleets.whenLoaded();
    const { fleet, host, path } = placeOfHostFile(this.services.fleets.shown, uri);
    const [group] = host.groups;
    const selector = group === undefined ? host.name : `@${group}`;
    const title = l10n.t('Fetch {0} from which hosts?', printable(path, 100));
    const choice = await pickHostsStep(fleet, title, { selector });
    return choice && choice !== back ? { ...choice, source: path } : undefined;
  }

  private async onChoice(
    chosen: HostChoice | undefined,
    given: TransferArguments<'fetch'>,
  ): Promise<(HostChoice & { source: string }) | undefined> {
    const choice =
      chosen ?? (await chooseHosts(this.services.fleets.shown, given, l10n.t('Fetch from which hosts?')));
    if (!choice) return undefined;
    const title = l10n.t('Fetch which file or folder from {0}?', hostCount(choice.hosts.length));
    const placeholder = l10n.t('A path on each host, such as {0}', this.paths.all[0] ?? '/etc/hosts');
    const source = given.path ?? (await pickHostPath(title, { placeholder, known: this.paths.all }));
    return source === undefined ? undefined : { ...choice, source };
  }

  private reportOutcome(order: FetchOrder, startedAt: Date, report: TransferReport): void {
    const { ok, total } = report.summary;
    const buttons: Readonly<Record<string, () => Promise<unknown>>> = {
      ...(ok > 1 && { [l10n.t('Compare')]: () => compareFetched(order, report) }),
      ...(ok > 0 && {
        [l10n.t('Reveal')]: async () =>
          commands.executeCommand('revealFileInOS', Uri.file(await realpath(order.folder))),
      }),
      [l10n.t('Show Report')]: () => {
        const text = transferText({ order, startedAt, report, kind: 'fetch' });
        return this.documents.show(l10n.t('Fetched: {0}', nameOf(order)), text, report.traceId);
      },
    };
    const message = l10n.t('Fetched {0}: {1}', nameOf(order), verdictText(report, 'fetch'));
    offer(message, { isWarning: ok < total, logger: this.services.logger }, buttons);
  }
}

/** The folder of each host that was fetched from, by its name. */
export async function foldersOf(order: FetchOrder, report: TransferReport): Promise<Map<string, string>> {
  const { results } = report;
  const folders = hostFolders(
    await realpath(order.folder),
    results.map(({ host }) => host),
  );
  for (const { host, status } of results) if (status !== 'ok') folders.delete(host);
  return folders;
}

/** Which file, where there are several, those that differ first; then its groups. */
async function compareFetched(order: FetchOrder, report: TransferReport): Promise<void> {
  const folders = await foldersOf(order, report);
  const file = await pickFile(await fetchedFiles(folders, order.source));
  if (!file) return;
  await compareGroups(file.path, foldFiles(file.results), (host) =>
    Uri.file(join(folders.get(host)!, file.path)),
  );
}

interface FileItem extends QuickPickItem {
  file: FetchedFile;
}

async function pickFile(files: readonly FetchedFile[]): Promise<FetchedFile | undefined> {
  if (files.length <= 1) return files[0];
  const items = files.map((file): FileItem & { versions: number } => {
    const versions = foldFiles(file.results).length;
    const description = versions === 1 ? l10n.t('same') : l10n.t('{0} versions', versions);
    return { label: printable(file.path, 300), description, file, versions };
  });
  const picked = await window.showQuickPick(
    items.toSorted((a, b) => b.versions - a.versions),
    { title: l10n.t('Compare which file?') },
  );
  return picked?.file;
}

interface FolderItem extends QuickPickItem {
  folder: () => Promise<string | undefined>;
}

/** A folder in the workspace, a temporary one, or another. */
async function askFolder(): Promise<string | undefined> {
  const workspace = workspaceFolder();
  const items: FolderItem[] = [
    ...(workspace === undefined
      ? []
      : [
          {
            label: `$(root-folder) ${l10n.t('In the workspace')}`,
            description: join(workspace, 'fetched'),
            folder: () => Promise.resolve(join(workspace, 'fetched')),
          },
        ]),
    {
      label: `$(clock) ${l10n.t('A temporary folder')}`,
      description: tmpdir(),
      folder: () => mkdtemp(join(tmpdir(), 'muster-fetched-')),
    },
    {
      label: `$(folder-opened) ${l10n.t('Another folder…')}`,
      folder: async () => {
        const picked = await window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false });
        return picked?.[0]?.fsPath;
      },
    },
  ];
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Fetch into which folder?'),
    placeHolder: l10n.t('Each host has a folder of its own in it'),
  });
  return picked?.folder();
}

function workspaceFolder(): string | undefined {
  return workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
}
