import { commands, l10n, type SymbolInformation, SymbolKind, type Uri, window, workspace } from 'vscode';
import { printable } from '../../core/printable';
import { bareName } from '../../core/profiles/sources/bareName';

const callable = [SymbolKind.Function, SymbolKind.Method, SymbolKind.Constructor];
const mostOffered = 100;

/** A function of the workspace by its name. undefined if no extension knows it, null if none was picked. */
export async function findSymbol(name: string): Promise<{ uri: Uri; line: number } | undefined | null> {
  const bare = bareName(name);
  const symbols = await commands.executeCommand<SymbolInformation[] | undefined>(
    'vscode.executeWorkspaceSymbolProvider',
    bare,
  );
  const found = (symbols ?? [])
    .filter((one) => callable.includes(one.kind) && bareName(one.name) === bare)
    .slice(0, mostOffered)
    .map(({ name: label, containerName, location: { uri, range } }) => ({
      ...{
        label,
        description: containerName,
        detail: `${workspace.asRelativePath(uri)}:${range.start.line + 1}`,
      },
      ...{ uri, line: range.start.line + 1 },
    }));
  if (found.length <= 1) return found[0];
  const title = l10n.t('Which function is {0}?', printable(name));
  return (await window.showQuickPick(found, { title, matchOnDetail: true })) ?? null;
}
