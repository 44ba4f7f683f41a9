import { commands, type DocumentSymbol, type Uri, workspace } from 'vscode';
import { bareName, qualifiedName } from '../../core/sources/bareName';
import { definitionIn } from '../../core/sources/definitionIn';

/** Where a function begins in a file, lines from 1: by the language's extension, else by the line that looks most like it. */
export async function findFunction(uri: Uri, name: string): Promise<{ line?: number; column?: number }> {
  const symbols = await commands.executeCommand<DocumentSymbol[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    uri,
  );
  const symbol = closestSymbol(symbols ?? [], name);
  if (symbol) {
    const { line, character } = (symbol.selectionRange ?? symbol.range).start;
    return { line: line + 1, column: character + 1 };
  }
  const found = definitionIn((await workspace.openTextDocument(uri)).getText(), name);
  return found ? { line: found.line } : {};
}

/** Of the symbols with the name of a function, the one in most of the classes and namespaces that its name is qualified with. */
function closestSymbol(symbols: readonly DocumentSymbol[], name: string): DocumentSymbol | undefined {
  const qualifiers = qualifiedName(name);
  const bare = bareName(name);
  let closest: { symbol: DocumentSymbol; common: number } | undefined;
  const visit = (inside: readonly DocumentSymbol[], within: readonly string[]) => {
    for (const symbol of inside) {
      const names = [...within, ...qualifiedName(symbol.name)];
      const common = new Set(names.filter((one) => qualifiers.includes(one))).size;
      if (bareName(symbol.name) === bare && common > (closest?.common ?? -1)) closest = { symbol, common };
      visit(symbol.children ?? [], names);
    }
  };
  visit(symbols, []);
  return closest?.symbol;
}

/** Symbols with those inside of them; older providers give none inside. */
export function flattened(symbols: readonly DocumentSymbol[]): DocumentSymbol[] {
  return symbols.flatMap((symbol) => [symbol, ...flattened(symbol.children ?? [])]);
}
