import { access } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { homeFolder } from '../../../platform/files/homeFolder';
import { env, l10n, type QuickPickItem, QuickPickItemKind, Uri, window, workspace } from 'vscode';

export type SourceKind = 'sshConfig' | 'ansible' | 'csv' | 'list';

/** What is imported from: a file, or text that was copied or selected. */
export interface ImportSource {
  kind: SourceKind;
  /** Absolute path. */
  file?: string;
  text?: string;
}

interface SourceItem extends QuickPickItem {
  source?: ImportSource;
  copied?: boolean;
  /** What kind of file to ask for. */
  ask?: SourceKind;
}

const maxTextLength = 8_000_000;

/** Asks where the hosts are; files that are likely are offered by name. */
export async function pickSource(): Promise<ImportSource | undefined> {
  const items: SourceItem[] = [...(await likelyFiles()), ...copiedTexts()];
  const separator: SourceItem = { label: l10n.t('Choose a file'), kind: QuickPickItemKind.Separator };
  items.push(
    separator,
    { label: l10n.t('$(terminal) ssh_config File…'), ask: 'sshConfig' },
    { label: l10n.t('$(server-environment) Ansible Inventory…'), ask: 'ansible' },
    { label: l10n.t('$(table) CSV File…'), ask: 'csv' },
    { label: l10n.t('$(list-unordered) List of Hosts…'), ask: 'list' },
  );
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Import Hosts'),
    placeHolder: l10n.t('Where are the hosts? A list may also be copied or selected before.'),
    matchOnDescription: true,
  });
  if (!picked) return undefined;
  if (picked.copied) return copiedList();
  return picked.source ?? (picked.ask && (await pickFile(picked.ask)));
}

async function pickFile(kind: SourceKind): Promise<ImportSource | undefined> {
  const folder =
    kind === 'sshConfig' ? Uri.file(join(homeFolder(), '.ssh')) : workspace.workspaceFolders?.[0]?.uri;
  const [uri] =
    (await window.showOpenDialog({
      ...(folder && { defaultUri: folder }),
      ...(kind === 'csv' && { filters: { CSV: ['csv', 'tsv', 'txt'], [l10n.t('All Files')]: ['*'] } }),
      openLabel: l10n.t('Import'),
      title: l10n.t('Import Hosts'),
    })) ?? [];
  return uri && { kind, file: uri.fsPath };
}

/** The user's ssh_config, and files in the workspace that are named as such files are. */
async function likelyFiles(): Promise<SourceItem[]> {
  const config = join(homeFolder(), '.ssh', 'config');
  const items: SourceItem[] = [];
  if (await exists(config))
    items.push({
      label: l10n.t('$(terminal) ssh_config'),
      description: '~/.ssh/config',
      source: { kind: 'sshConfig', file: config },
    });
  const named: [SourceKind, string, string][] = [
    [
      'ansible',
      l10n.t('$(server-environment) Ansible inventory'),
      '**/{hosts,inventory,hosts.ini,inventory.ini,hosts.yml,hosts.yaml,inventory.yml,inventory.yaml}',
    ],
    ['csv', l10n.t('$(table) CSV file'), '**/*.csv'],
  ];
  for (const [kind, label, pattern] of named) {
    const files = await workspace.findFiles(pattern, '**/node_modules/**', 5);
    for (const { fsPath } of files)
      items.push({ label, description: workspace.asRelativePath(fsPath), source: { kind, file: fsPath } });
  }
  return items;
}

/** The clipboard is read when it is chosen: it may hold secrets, and a browser asks for leave. */
function copiedTexts(): SourceItem[] {
  const editor = window.activeTextEditor;
  const selected = editor && !editor.selection.isEmpty ? editor.document.getText(editor.selection) : '';
  const lines = selected.split('\n').filter((line) => line.trim() !== '');
  const selection: SourceItem[] =
    lines.length === 0 || selected.length > maxTextLength
      ? []
      : [
          {
            label: l10n.t('$(selection) Selected lines'),
            description: lines.length === 1 ? l10n.t('1 line') : l10n.t('{0} lines', lines.length),
            detail: shortened(lines[0]!),
            source: { kind: 'list', text: selected },
          },
        ];
  return [
    ...selection,
    {
      label: l10n.t('$(clippy) Copied lines'),
      description: l10n.t('user@host:port, one a line'),
      copied: true,
    },
  ];
}

async function copiedList(): Promise<ImportSource | undefined> {
  const text = await env.clipboard.readText();
  if (text.trim() !== '' && text.length <= maxTextLength) return { kind: 'list', text };
  void window.showInformationMessage(l10n.t('Nothing that could be a list of hosts was copied.'));
  return undefined;
}

function shortened(line: string): string {
  const plain = line.trim().replace(/\s+/g, ' ').replace(/\$\(/g, '$ (');
  return plain.length > 60 ? `${plain.slice(0, 60)}…` : plain;
}

/** How a source is named in messages. */
export function sourceName({ file }: ImportSource): string {
  return file === undefined ? l10n.t('the list') : basename(file);
}

/** A path as `imports` has it: from the inventory's folder if it lies below, from the home folder, else absolute. */
export function importPath(file: string, inventory: string): string {
  const fromInventory = relative(dirname(inventory), file);
  if (!fromInventory.startsWith('..') && fromInventory !== file)
    return `./${fromInventory.split(sep).join('/')}`;
  const fromHome = relative(homeFolder(), file);
  return fromHome.startsWith('..') || fromHome === file ? file : `~/${fromHome.split(sep).join('/')}`;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
