import { join } from 'node:path';
import {
  l10n,
  ProgressLocation,
  type QuickPickItem,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import { fileFault } from '../../../platform/files/fileFault';
import { largestFile, readRegularText } from '../../../platform/files/regularFile';
import type { HostImport, RefusedLine } from '../../../platform/inventory/importing/importedHosts';
import type { TakenNames, WritePlan, WrittenHosts } from '../../../platform/inventory/importing/writeHosts';
import { printable } from '../../../platform/text/printable';
import { pickFleet } from '../../../shell/editor/commands/pickHosts';
import type { Ports } from '../../../shell/editor/services';
import { savingText } from '../../../shell/editor/documents/savingText';
import { editText } from '../../../shell/editor/documents/editText';
import { hostCount } from '../../../shell/editor/hosts/wording';
import { chooseColumns } from './chooseColumns';
import { importPath, type ImportSource, pickSource, sourceName } from './importSources';
import type { InventoryDocuments } from './inventoryDocuments';
import { restrictedFiles } from '../../../shell/editor/fleets/restrictedFiles';

/** "Import from…": hosts of other files and lists, written into a `muster.yaml` that is left unsaved. */
export class HostImporter {
  constructor(
    private readonly services: Ports<'fleets' | 'logger'>,
    private readonly documents: InventoryDocuments,
  ) {}

  readonly run = async (argument?: unknown): Promise<void> => {
    const source = readSource(argument) ?? (await pickSource());
    if (!source) return;
    const document = await this.targetDocument();
    if (!document) return;
    if (source.file !== undefined && (source.kind === 'sshConfig' || source.kind === 'ansible')) {
      const way = await chooseWay(source);
      if (way === undefined) return;
      if (way === 'import') return this.addImport(document, source.kind, source.file);
    }
    const read = await window.withProgress(
      { location: ProgressLocation.Window, title: l10n.t('Reading {0}…', sourceName(source)) },
      () => this.read(source),
    );
    if (read) await this.write(document, source, read);
  };

  /** The inventory in front, else that of the fleet, else a new one that has no file yet. */
  private async targetDocument(): Promise<TextDocument | undefined> {
    const active = window.activeTextEditor?.document;
    if (active && this.documents.isInventory(active)) return active;
    const own = this.services.fleets.all.filter(({ id }) => id !== 'lab');
    const there = own.filter(({ inventory, problems }) => inventory || problems.length > 0);
    if (there.length > 0) {
      const fleet = await pickFleet(there);
      return fleet && workspace.openTextDocument(Uri.file(fleet.file));
    }
    const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
    const file = own[0]?.file ?? (folder === undefined ? undefined : join(folder, 'muster.yaml'));
    if (file !== undefined) return workspace.openTextDocument(Uri.file(file).with({ scheme: 'untitled' }));
    return workspace.openTextDocument({ language: 'yaml', content: '' });
  }

  private async read(source: ImportSource): Promise<HostImport | undefined> {
    if (source.file !== undefined && (source.kind === 'sshConfig' || source.kind === 'ansible')) {
      const { hostsOfAnsible, hostsOfSshConfig } =
        await import('../../../platform/inventory/importing/otherInventories');
      const refuse = restrictedFiles(source.file);
      const options = { ...(refuse && { refuse }) };
      return source.kind === 'ansible'
        ? hostsOfAnsible(source.file, options)
        : hostsOfSshConfig(source.file, this.services.logger, options);
    }
    const text = source.text ?? (await textOf(source.file!));
    if (source.kind === 'csv') {
      const [{ hostsOfTable, readHostTable }, { readOfFile }] = await Promise.all([
        import('../../../platform/inventory/importing/hostTable'),
        import('../../../platform/inventory/importing/importedHosts'),
      ]);
      const table = await chooseColumns(await readHostTable(text));
      const read = table && (await hostsOfTable(table));
      return read && source.file !== undefined ? readOfFile(read) : read;
    }
    const [{ readingHostList }, { readOfFile }, { finishBreathing }] = await Promise.all([
      import('../../../platform/inventory/importing/hostList'),
      import('../../../platform/inventory/importing/importedHosts'),
      import('../../../platform/inventory/steps'),
    ]);
    const read = await finishBreathing(readingHostList(text));
    return source.file === undefined ? read : readOfFile(read);
  }

  private async addImport(
    document: TextDocument,
    kind: 'sshConfig' | 'ansible',
    file: string,
  ): Promise<void> {
    const [{ additions }, { resolvePath }] = await Promise.all([
      import('../../../platform/inventory/importing/editDocument'),
      import('../../../platform/inventory/sshConfig/sshDefaults'),
    ]);
    const { imports } = await this.documents.names(document);
    if (imports.some(({ path }) => resolvePath(path, document.uri.fsPath) === file)) {
      void window.showInformationMessage(
        l10n.t('{0} is imported already.', importPath(file, document.uri.fsPath)),
      );
      return;
    }
    const entry = { value: { [kind]: importPath(file, document.uri.fsPath) } };
    const change = additions(document.getText(), 'imports', [entry]);
    const start = change.start + (/^\s*/.exec(change.text)?.[0].length ?? 0);
    const text =
      document.getText().slice(0, change.start) + change.text + document.getText().slice(change.end);
    if (await editText(document, text, start))
      told(document, l10n.t('The import was added. Save to see its hosts.'), []);
  }

  private async write(document: TextDocument, source: ImportSource, read: HostImport): Promise<void> {
    const { planWriting, writeHosts } = await import('../../../platform/inventory/importing/writeHosts');
    const text = document.getText();
    const { version } = document;
    const taken = this.takenBeside(document);
    const plan = await planWriting(text, read, taken);
    const update = plan.conflicts.length > 0 ? await chooseUpdate(plan) : false;
    if (update === undefined) return;
    const written = await writeHosts(text, read, plan, { update, taken });
    if (document.version !== version)
      throw new MusterError('CONFLICT', l10n.t('The document was changed meanwhile: import again.'));
    if (written.text !== text && !(await editText(document, written.text, written.at))) return;
    told(document, summary(written, sourceName(source)), written.refused, source);
  }

  /** The names that other files of the inventory have. */
  private takenBeside(document: TextDocument): TakenNames {
    const inventory = this.documents.fleetOf(document)?.inventory;
    const elsewhere = (named: Iterable<{ name: string; source: { file: string } }>) =>
      new Set([...named].filter(({ source }) => source.file !== document.uri.fsPath).map(({ name }) => name));
    return {
      hosts: elsewhere(inventory?.hosts.values() ?? []),
      groups: elsewhere(inventory?.groups.values() ?? []),
    };
  }
}

/** From a key binding: `{ "source": "csv", "file": "…" }` or `{ "source": "list", "text": "…" }`. */
function readSource(value: unknown): ImportSource | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { source, file, text } = value as Record<string, unknown>;
  const kind = (['sshConfig', 'ansible', 'csv', 'list'] as const).find((one) => one === source);
  if (!kind) return undefined;
  if (typeof file === 'string') return { kind, file };
  return typeof text === 'string' && (kind === 'list' || kind === 'csv') ? { kind, text } : undefined;
}

async function textOf(file: string): Promise<string> {
  try {
    const refusal = await restrictedFiles(file)?.(file, 'file');
    if (refusal) throw new Error(refusal.reason);
    return await readRegularText(file, largestFile.hostList);
  } catch (error) {
    throw new MusterError('INVENTORY', l10n.t('Cannot read {0}: {1}', file, fileFault(error)), {
      cause: error,
    });
  }
}

async function chooseWay(source: ImportSource): Promise<'import' | 'copy' | undefined> {
  const items = [
    {
      label: l10n.t('$(link) Add an Import'),
      detail: l10n.t('One line under “imports”: what changes in {0} changes here, too.', sourceName(source)),
      way: 'import' as const,
    },
    {
      label: l10n.t('$(copy) Copy Its Hosts'),
      detail: l10n.t('Entries of their own under “hosts”, to be given labels and changed.'),
      way: 'copy' as const,
    },
  ];
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Import Hosts'),
    placeHolder: l10n.t('How are the hosts of {0} taken?', sourceName(source)),
  });
  return picked?.way;
}

/** Whether hosts that are there are updated; undefined if the import is given up. */
async function chooseUpdate({ conflicts, added }: WritePlan): Promise<boolean | undefined> {
  const names = conflicts.slice(0, 20).map(({ name }) => name);
  const listed = names.join(', ') + (conflicts.length > names.length ? ' …' : '');
  const items: (QuickPickItem & { update: boolean })[] = [
    {
      label: l10n.t('$(debug-step-over) Skip Them'),
      description: l10n.t('{0} new', hostCount(added.length)),
      detail: listed,
      update: false,
    },
    {
      label: l10n.t('$(edit) Update Them'),
      description: l10n.t('address, SSH settings and labels of the import; the rest stays'),
      detail: listed,
      update: true,
    },
  ];
  const picked = await window.showQuickPick(items, {
    title: l10n.t('{0} in the inventory already', hostCount(conflicts.length)),
    placeHolder: l10n.t('What becomes of them?'),
  });
  return picked?.update;
}

function summary({ added, updated, skipped, groups, refused }: WrittenHosts, from: string): string {
  const parts = [
    l10n.t('{0} added', hostCount(added)),
    ...(updated > 0 ? [l10n.t('{0} updated', updated)] : []),
    ...(skipped > 0 ? [l10n.t('{0} skipped', skipped)] : []),
    ...(groups > 0 ? [groups === 1 ? l10n.t('1 group') : l10n.t('{0} groups', groups)] : []),
    ...(refused.length > 0 ? [l10n.t('{0} refused', refused.length)] : []),
  ];
  return l10n.t('Imported from {0}: {1}.', from, parts.join(', '));
}

function told(
  document: TextDocument,
  message: string,
  refused: readonly RefusedLine[],
  source?: ImportSource,
): void {
  const [save, list] = [l10n.t('Save'), l10n.t('Show Refused Lines')];
  const saving = savingText(document);
  const buttons = [...(saving.isAsked ? [save] : []), ...(refused.length > 0 ? [list] : [])];
  const show = refused.length > 0 ? window.showWarningMessage : window.showInformationMessage;
  // Not waited for: the command has done its work.
  void show([message, saving.text].filter(Boolean).join(' '), ...buttons).then(async (choice) => {
    if (choice === save) await document.save();
    if (choice === list) await showRefused(refused, source);
  });
}

/** A document with a line for every refused one: where it stands, why, and what it is. */
async function showRefused(refused: readonly RefusedLine[], source?: ImportSource): Promise<void> {
  const place = source?.file ?? l10n.t('line');
  const lines = refused.map(({ line, text, reason }) =>
    [`${place}:${line}`, printable(reason, 300), ...(text === '' ? [] : [printable(text, 200)])].join(': '),
  );
  const document = await workspace.openTextDocument({
    content: `${lines.join('\n')}\n`,
    language: 'plaintext',
  });
  await window.showTextDocument(document);
}
