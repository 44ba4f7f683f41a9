import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';

/** The texts that the sources in a folder give to these functions or, as `description`, to the schemas; `isOther` leaves files out. */
export async function translatedTexts(
  folder: string,
  functions: readonly string[],
  isOther = (_name: string) => false,
): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const found = new Set<string>();
  for (const name of names.filter((file) => file.endsWith('.ts') && !isOther(file))) {
    const tree = ts.createSourceFile(
      name,
      await readFile(join(folder, name), 'utf8'),
      ts.ScriptTarget.Latest,
    );
    const importsThem = tree.statements.some(
      (statement) =>
        ts.isImportDeclaration(statement) && /l10n'$/.test(statement.moduleSpecifier.getText(tree)),
    );
    const add = (node: ts.Expression | undefined) => {
      if (node && ts.isStringLiteralLike(node)) found.add(node.text);
    };
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) {
        const called = node.expression.getText(tree);
        if (called.endsWith('.describe') || (importsThem && functions.includes(called)))
          add(node.arguments[0]);
      } else if (ts.isPropertyAssignment(node) && node.name.getText(tree) === 'description') {
        add(node.initializer);
      }
      ts.forEachChild(node, visit);
    };
    visit(tree);
  }
  return [...found];
}
