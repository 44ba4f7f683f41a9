import { join } from 'node:path';
import { FileSystemError, l10n, Position, Range, Uri, window, workspace } from 'vscode';
import type { SourceRange } from '../../../platform/inventory/model';
import { type Fleets, fileUri } from '../../../shell/editor/fleets/fleets';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import { pickFleet } from '../../../shell/editor/commands/pickHosts';

/** Opening, reading again and beginning an inventory. */
export class InventoryCommands {
  constructor(private readonly fleets: Fleets) {}

  readonly open = async (node?: HostsNode): Promise<void> => {
    const source = node && sourceOf(node);
    if (source) return show(Uri.file(source.file), source);
    const fleet = node?.fleet ?? (await pickFleet(this.fleets.shown));
    if (fleet) await show(fileUri(fleet));
  };

  readonly refresh = (): Promise<void> => this.fleets.load();

  readonly create = async (): Promise<void> => {
    const folder =
      (workspace.workspaceFolders?.length ?? 0) > 1
        ? await window.showWorkspaceFolderPick({ placeHolder: l10n.t('Create muster.yaml in which folder?') })
        : workspace.workspaceFolders?.[0];
    if (!folder) {
      if (!workspace.workspaceFolders?.length)
        await window.showInformationMessage(l10n.t('Open a folder first: the inventory is a file in it.'));
      return;
    }
    const file = this.fleets.all.find((fleet) => fleet.id === folder.uri.toString())?.file;
    const uri = Uri.file(file ?? join(folder.uri.fsPath, 'muster.yaml'));
    if (!(await exists(uri))) await workspace.fs.writeFile(uri, new TextEncoder().encode(inventoryTemplate));
    await show(uri);
    await this.fleets.load();
  };
}

function sourceOf(node: HostsNode): SourceRange | undefined {
  switch (node.kind) {
    case 'fleet':
      return undefined;
    case 'group':
      return node.name === undefined || node.label !== undefined
        ? undefined
        : node.fleet.inventory?.groups.get(node.name)?.source;
    case 'host':
    case 'branch':
      return node.host.source;
    case 'check':
      return node.check.source;
  }
}

async function show(uri: Uri, source?: SourceRange): Promise<void> {
  const start = new Position(source ? source.line - 1 : 0, source ? source.column - 1 : 0);
  await window.showTextDocument(uri, { selection: new Range(start, start) });
}

async function exists(uri: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'FileNotFound') return false;
    throw error;
  }
}

/** What "Create Inventory" writes: valid as it is, every line explained. */
const inventoryTemplate = `# The hosts of this folder. Completion and hover explain every key.
defaults:
  timeout: 800ms        # one check on one host, connecting included
  # ssh: { user: ops, identityFile: ~/.ssh/id_ed25519, proxyJump: bastion }

hosts:
  localhost: { address: 127.0.0.1, labels: { env: dev } }
  # web-[01:20]:
  #   address: "{name}.example.com"
  #   labels: { role: web, env: prod }

groups:
  dev: { select: "env=dev" }

checks:
  port: { type: tcp, port: 22 }
  # health: { type: http, on: role=web, url: "http://{address}:8080/health", expect: { status: 200 } }
  # disk:   { type: command, run: "df -P / | awk 'NR==2{print $5+0}'", expect: { value: { lt: 90 } } }

# imports:
#   - { sshConfig: ~/.ssh/config }
#   - { ansible: ./hosts.ini }
`;
