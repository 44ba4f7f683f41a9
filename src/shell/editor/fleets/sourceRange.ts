import { Range } from 'vscode';
import type { SourceRange } from '../../../platform/inventory/model';

/** The core counts lines and columns from 1, the editor from 0. */
export function editorRange({ line, column, endLine, endColumn }: SourceRange): Range {
  return new Range(
    Math.max(0, line - 1),
    Math.max(0, column - 1),
    Math.max(0, endLine - 1),
    Math.max(0, endColumn - 1),
  );
}
