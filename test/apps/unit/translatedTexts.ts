import { readFile } from 'node:fs/promises';
import ts from 'typescript';
import { type Room, sourcesIn } from '../../harness/sourcesIn';

/** The texts that the sources of a room give to these functions or, as `description`, to the schemas. */
export async function translatedTexts(room: Room, functions: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const path of await sourcesIn(room)) {
    const tree = ts.createSourceFile(path, await readFile(path, 'utf8'), ts.ScriptTarget.Latest);
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
