import {
  commands,
  l10n,
  type QuickPickItem,
  type SymbolInformation,
  SymbolKind,
  type Uri,
  window,
  workspace,
} from 'vscode';
import { printable } from '../../../../platform/text/printable';
import { bareName, qualifiedName } from '../../core/sources/bareName';
import { searchDefinition } from './searchDefinition';

const callable = [SymbolKind.Function, SymbolKind.Method, SymbolKind.Constructor];
const mostOffered = 100;

/**
 * A function of the workspace by its name, as a language's extension knows it, else as the files read. undefined if none
 * does, null if none was picked.
 */
export async function findSymbol(name: string): Promise<{ uri: Uri; line: number } | undefined | null> {
  const known = await knownSymbols(name);
  const found = known.length > 0 ? known : await definitions(name);
  if (found.length <= 1) return found[0];
  const title = l10n.t('Which function is {0}?', printable(name, 300));
  return (await window.showQuickPick(found.slice(0, mostOffered), { title, matchOnDetail: true })) ?? null;
}

/** Those in most of the classes and namespaces that the name is qualified with. */
async function knownSymbols(name: string): Promise<FoundFunction[]> {
  const bare = bareName(name);
  const qualifiers = qualifiedName(name);
  const symbols = await commands.executeCommand<SymbolInformation[] | undefined>(
    'vscode.executeWorkspaceSymbolProvider',
    bare,
  );
  const found = (symbols ?? [])
    .filter((one) => callable.includes(one.kind) && bareName(one.name) === bare)
    .map((symbol) => {
      const names = [...qualifiedName(symbol.containerName), ...qualifiedName(symbol.name)];
      return { symbol, common: new Set(names.filter((one) => qualifiers.includes(one))).size };
    });
  const most = Math.max(...found.map(({ common }) => common));
  return found
    .filter(({ common }) => common === most)
    .map(({ symbol: { name: label, containerName, location } }) =>
      functionItem(label, containerName, location.uri, location.range.start.line + 1),
    );
}

async function definitions(name: string): Promise<FoundFunction[]> {
  const found = await searchDefinition(name);
  return found.map(({ uri, line }) => functionItem(printable(bareName(name), 200), '', uri, line));
}

interface FoundFunction extends QuickPickItem {
  uri: Uri;
  line: number;
}

function functionItem(label: string, description: string, uri: Uri, line: number): FoundFunction {
  return { label, description, detail: `${workspace.asRelativePath(uri)}:${line}`, uri, line };
}
