import { commands, type DocumentSymbol, type Uri, workspace } from 'vscode';
import { bareName } from '../../core/profiles/sources/bareName';

/** Where a function begins in a file, lines from 1: by the language's extension, else by the first line that looks like it. */
export async function findFunction(uri: Uri, name: string): Promise<{ line?: number; column?: number }> {
  const bare = bareName(name);
  const symbols = await commands.executeCommand<DocumentSymbol[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    uri,
  );
  const symbol = flattened(symbols ?? []).find((one) => bareName(one.name) === bare);
  if (symbol) {
    const { line, character } = (symbol.selectionRange ?? symbol.range).start;
    return { line: line + 1, column: character + 1 };
  }
  const lines = (await workspace.openTextDocument(uri)).getText().split('\n');
  const calls = new RegExp(`(?<![.\\w$])${bare.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')}\\s*(?:<[^>]*>)?\\(`);
  const declared = lines.findIndex((line) => calls.test(line) && !/[;,]\s*$|\breturn\b|=/.test(line));
  const line = declared >= 0 ? declared : lines.findIndex((text) => calls.test(text));
  return line >= 0 ? { line: line + 1 } : {};
}

/** Symbols with those inside of them; older providers give none inside. */
export function flattened(symbols: readonly DocumentSymbol[]): DocumentSymbol[] {
  return symbols.flatMap((symbol) => [symbol, ...flattened(symbol.children ?? [])]);
}
